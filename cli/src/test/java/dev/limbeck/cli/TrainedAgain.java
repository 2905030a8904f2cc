package dev.limbeck.cli;

import dev.limbeck.schemas.ProgressEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was trained more than once because an attempt was interrupted, by what workers said of it: to half a second, for they say no
 * more often how far they are.
 *
 * @param images of all trainings
 * @param longest that one attempt had trained beyond the checkpoint from which another one went on
 */
record TrainedAgain(long images, Duration longest) {

    /** A worker that says nothing for so long is frozen or waits. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** Of the fleet's workers, which is shorter than usual: trainings on one machine are short. */
    static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);

    /** What is lost at most: what is trained between two checkpoints, and until one is written and known. */
    private static final Duration ALLOWED = CHECKPOINT_INTERVAL.plusSeconds(4);

    /** A worker's progress. */
    record Report(Instant time, ProgressEvent event) {}

    /** Of one worker on one training: from where it went on to where it came. */
    private record Attempt(String worker, List<Report> reports) {

        long from() {
            return reports.getFirst().event().done();
        }

        long to() {
            return reports.getLast().event().done();
        }

        /** How long it trained what comes after some images. */
        Duration after(long done) {
            Duration sum = Duration.ZERO;
            for (int i = 1; i < reports.size(); i++) {
                Duration gap = Duration.between(
                        reports.get(i - 1).time(), reports.get(i).time());
                if (reports.get(i).event().done() > done && gap.compareTo(PAUSE) < 0) {
                    sum = sum.plus(gap);
                }
            }
            return sum;
        }
    }

    /** @param reports in the order of the log */
    static TrainedAgain of(List<Report> reports) {
        Map<String, List<Attempt>> trainings = new HashMap<>();
        for (Report report : reports) {
            if (isOfTraining(report.event())) {
                String training = report.event().task() + " " + report.event().step();
                add(trainings.computeIfAbsent(training, key -> new ArrayList<>()), report);
            }
        }
        long images = 0;
        Duration longest = Duration.ZERO;
        for (List<Attempt> attempts : trainings.values()) {
            for (int i = 1; i < attempts.size(); i++) {
                long from = attempts.get(i).from();
                for (Attempt before : attempts.subList(0, i)) {
                    Duration again = before.after(from);
                    images += Math.max(0, before.to() - Math.max(from, before.from()));
                    longest = again.compareTo(longest) > 0 ? again : longest;
                }
            }
        }
        return new TrainedAgain(images, longest);
    }

    /** Of all that a run without compression and quantization-aware training trains. */
    static boolean isOfTraining(ProgressEvent event) {
        return event.step().startsWith("distil ");
    }

    /** Whether nothing was repeated that a checkpoint had. */
    boolean holds() {
        return longest.compareTo(ALLOWED) <= 0;
    }

    @Override
    public String toString() {
        return "%d images, %.1f s".formatted(images, longest.toMillis() / 1e3);
    }

    /** A worker that was frozen may say something after another one has gone on. */
    private static void add(List<Attempt> attempts, Report report) {
        Attempt last = attempts.stream()
                .filter(attempt -> attempt.worker().equals(report.event().worker()))
                .reduce((first, second) -> second)
                .orElse(null);
        if (last == null || report.event().done() < last.to()) {
            last = new Attempt(report.event().worker(), new ArrayList<>());
            attempts.add(last);
        }
        last.reports().add(report);
    }
}
