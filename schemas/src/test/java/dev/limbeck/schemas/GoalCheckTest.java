package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GoalCheckTest {

    private static final GoalCheck.Network REFERENCE = network("reference", 0.93, 2.0, 400 * 1024L);

    @Test
    void goalsAreMetWhereOneNetworkMeetsAll() {
        Spec.Goals goals = new Spec.Goals(0.01, 1.5, null, 100 * 1024L);
        GoalCheck.Network accurate = network("accurate", 0.929, 1.0, 120 * 1024L);
        GoalCheck.Network small = network("small", 0.91, 0.5, 50 * 1024L);
        GoalCheck.Network both = network("both", 0.92, 1.2, 100 * 1024L);

        GoalCheck.Verdict apart = GoalCheck.of(goals, REFERENCE, List.of(small, accurate));
        GoalCheck.Verdict together = GoalCheck.of(goals, REFERENCE, List.of(accurate, both, small));

        assertThat(apart.met()).isFalse();
        assertThat(apart.model()).isEqualTo("accurate");
        assertThat(apart.goals())
                .extracting(GoalCheck::describe)
                .containsExactly(
                        "accuracy drop 0.10 points, at most 1 point: met",
                        "speedup 2.00 x, at least 1.5 x: met",
                        "size 120.0 KiB, at most 100.0 KiB: missed");
        assertThat(together.met()).isTrue();
        assertThat(together.model()).isEqualTo("both");
    }

    @Test
    void theFastestOfThoseThatMeetThemIsJudged() {
        Spec.Goals goals = new Spec.Goals(null, null, 1.5, null);

        GoalCheck.Verdict verdict = GoalCheck.of(
                goals, REFERENCE, List.of(network("slow", 0.93, 1.4, null), network("fast", 0.921, 1.1, null)));

        assertThat(verdict.model()).isEqualTo("fast");
        assertThat(verdict.goals())
                .extracting(GoalCheck::describe)
                .containsExactly(
                        "accuracy drop 0.90 points, at most 1 point: met", "latency 1.100 ms, at most 1.5 ms: met");
    }

    @Test
    void theMostAccurateIsJudgedWhereNoneIsAccurateEnough() {
        Spec.Goals goals = new Spec.Goals(0.001, 1.1, null, null);

        GoalCheck.Verdict verdict = GoalCheck.of(
                goals, REFERENCE, List.of(network("fast", 0.5, 0.1, null), network("better", 0.9, 1.1, null)));

        assertThat(verdict.model()).isEqualTo("better");
    }

    @Test
    void whatIsNotKnownIsMissed() {
        GoalCheck.Verdict verdict = GoalCheck.of(new Spec.Goals(null, 1.1, 3.0, 5L), REFERENCE, List.of());

        assertThat(verdict.goals()).extracting(Results.Goal::met).containsOnly(false);
        assertThat(GoalCheck.describe(verdict.goals().getFirst()))
                .isEqualTo("accuracy drop unknown, at most 1 point: missed");
    }

    @Test
    void nothingAskedIsMetByTheFastestThatLosesLittle() {
        GoalCheck.Verdict verdict = GoalCheck.of(
                Spec.Goals.NONE,
                REFERENCE,
                List.of(REFERENCE, network("fast", 0.922, 1.0, null), network("poor", 0.9, 0.5, null)));

        assertThat(verdict.model()).isEqualTo("fast");
        assertThat(verdict.met()).isTrue();
        assertThat(verdict.goals()).isEmpty();
    }

    private static GoalCheck.Network network(String model, double accuracy, double p50Millis, Long bytes) {
        return new GoalCheck.Network(model, accuracy, p50Millis, bytes);
    }
}
