package dev.limbeck.workflows;

import static dev.limbeck.workflows.FakeTraining.LIBRARY;
import static dev.limbeck.workflows.FakeTraining.PLAN;
import static dev.limbeck.workflows.FakeTraining.PREDICTOR;
import static dev.limbeck.workflows.FakeTraining.PROFILE;
import static dev.limbeck.workflows.FakeTraining.SAMPLES;
import static dev.limbeck.workflows.FakeTraining.TIMING;
import static dev.limbeck.workflows.FakeTraining.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.MeasureTask.Effort;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The workflows on Temporal's test server, which skips over waiting, with activities that only take notes. */
@Timeout(60)
class WorkflowsTest {

    private static final Spec SPEC = new Spec(
            "v1",
            "small",
            null,
            "reference.onnx",
            new Spec.Task("classification", "fashion-mnist"),
            null,
            null,
            null,
            new Spec.Search(20, 2),
            null,
            null,
            List.of(
                    new Spec.Scenario("laptop", "local", Spec.Precision.FP32, 1, 1, null, null, null),
                    new Spec.Scenario(
                            "phone", "pixel", Spec.Precision.INT8, 4, 2, new Spec.ImageSize(56, 48), null, null)),
            null,
            null,
            null);
    private static final RunRequest RUN = new RunRequest("small-1", SPEC, "reference");
    private static final Conditions LAPTOP = new Conditions("local", 1, 1, null, null);
    private static final Conditions PHONE = new Conditions("pixel", 4, 2, new Spec.ImageSize(56, 48), null);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Calls calls = new Calls();
    private final Calls callsOfTheLargeOnes = new Calls();
    private final TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance();
    private OptimizeWorkflow workflow;

    @BeforeEach
    void start() {
        temporal.newWorker(TaskQueues.CONTROL)
                .registerWorkflowImplementationTypes(
                        OptimizeWorkflowImpl.class,
                        BlockLibraryWorkflowImpl.class,
                        PredictorWorkflowImpl.class,
                        SearchWorkflowImpl.class,
                        FinetuneWorkflowImpl.class,
                        QuantizeWorkflowImpl.class);
        // heartbeats, which bring cancellation, are otherwise sent every 48 seconds
        WorkerOptions eager = WorkerOptions.newBuilder()
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(50))
                .build();
        Worker training = temporal.newWorker(TaskQueues.GPU, eager);
        training.registerActivitiesImplementations(new FakeTraining(calls));
        temporal.newWorker(TaskQueues.training("large"), eager)
                .registerActivitiesImplementations(new FakeTraining(callsOfTheLargeOnes));
        for (String device : List.of("local", "pixel")) {
            temporal.newWorker(TaskQueues.device(device), eager)
                    .registerActivitiesImplementations(new FakeDevice(device, calls));
        }
        temporal.start();
        workflow = temporal.getWorkflowClient()
                .newWorkflowStub(
                        OptimizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .setWorkflowId(RUN.runId())
                                .build());
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void aSpecMayAskForQuantizationOnly() {
        Spec spec = new Spec(
                "v1",
                "small",
                "quantize",
                "reference.onnx",
                SPEC.task(),
                null,
                null,
                null,
                null,
                null,
                List.of(
                        QuantizeSpec.defaults().withName("a"),
                        QuantizeSpec.defaults().withName("b")),
                List.of(SPEC.scenarios().get(1)),
                null,
                null,
                null);
        QuantizeWorkflow quantize = temporal.getWorkflowClient()
                .newWorkflowStub(
                        QuantizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .setWorkflowId("quantize-1")
                                .build());

        RunOutcome outcome = quantize.quantize(new RunRequest("quantize-1", spec, "reference"));

        assertThat(outcome.results()).isEqualTo("results");
        assertThat(quantize.status().stage()).isEqualTo("done");
        assertThat(quantize.progress()).isEqualTo(new StageProgress(2, 2));
        assertThat(calls.of("quantizeReference"))
                .as("the phone saturates integer products")
                .extracting(Calls.Call::arguments)
                .containsExactlyInAnyOrder(
                        List.of("a", true, "reference", Map.of()), List.of("b", true, "reference", Map.of()));
        assertThat(calls.of("reportQuantization").getFirst().arguments())
                .containsExactly(
                        network(List.of(), "fp32"),
                        List.of(FakeTraining.quantized("a"), FakeTraining.quantized("b")),
                        Map.of(
                                "phone",
                                measured(
                                        "phone",
                                        PHONE,
                                        Effort.REPORT,
                                        List.of("network-[]-fp32", "a-network", "b-network"))),
                        Map.of());
    }

    @Test
    void everyStageGetsWhatTheOnesBeforeItMade() {
        RunOutcome outcome = workflow.optimize(RUN);

        assertThat(outcome).isEqualTo(new RunOutcome("small-1", "results", Map.of("models/a.onnx", "digest")));
        assertThat(workflow.status()).isEqualTo(new RunStatus("done", "2 networks"));
        assertThat(calls.of("profileSpace").getFirst().arguments())
                .containsExactly(
                        PLAN,
                        Map.of(
                                "laptop",
                                        measured(
                                                "laptop",
                                                LAPTOP,
                                                Effort.PROFILE,
                                                List.of("a0-fp32", "a1-fp32", "b0-fp32")),
                                "phone",
                                        measured(
                                                "phone",
                                                PHONE.atOwnImageSize(),
                                                Effort.PROFILE,
                                                List.of("a0-int8", "a1-int8", "b0-int8"))));
        List<BlockTask> blocks = List.of(new BlockTask(0, 0), new BlockTask(0, 1), new BlockTask(1, 0));
        assertThat(calls.of("trainBlock"))
                .extracting(call -> call.argument(1, BlockTask.class))
                .containsExactlyInAnyOrderElementsOf(blocks);
        assertThat(calls.of("collectLibrary").getFirst().arguments())
                .containsExactly(PLAN, blocks.stream().map(FakeTraining::block).toList());
        assertThat(calls.of("fitPredictor").getFirst().arguments())
                .containsExactly(
                        LIBRARY, SAMPLES.stream().map(FakeTraining::sample).toList());

        assertThat(calls.of("quantize"))
                .as("the phone saturates integer products")
                .extracting(call -> call.argument(1, Boolean.class))
                .containsExactly(true, true, true);

        List<Finetuned> networks = List.of(
                network(List.of(), "fp32"),
                network(List.of(), "int8"),
                network(List.of(0, 0), "fp32"),
                network(List.of(0, 0), "int8"),
                network(List.of(1, 0), "fp32"),
                network(List.of(1, 0), "int8"));
        assertThat(calls.of("report").getFirst().arguments())
                .containsExactly(new ReportRequest(
                        LIBRARY,
                        PREDICTOR,
                        SAMPLES.stream().map(FakeTraining::sample).toList(),
                        List.of(
                                FakeTraining.found("laptop", "laptop-state-2"),
                                FakeTraining.found("phone", "phone-state-2")),
                        networks,
                        Map.of(
                                "laptop", measured("laptop", LAPTOP, Effort.REPORT, digests(networks, "fp32")),
                                "phone", measured("phone", PHONE, Effort.REPORT, digests(networks, "int8"))),
                        Map.of(),
                        PROFILE,
                        TIMING));
    }

    @Test
    void aSearchMeasuresItsCandidatesInPartsAndHandsThemBackInOrder() {
        workflow.optimize(RUN);

        assertThat(calls.of("measure")).as("runs take turns on devices").allSatisfy(call -> assertThat(
                        call.argument(2, String.class))
                .isEqualTo(call.argument(1, MeasureTask.class).runId()));
        List<MeasureTask> tasks = calls.of("measure").stream()
                .filter(call -> call.argument(0, String.class).equals("pixel"))
                .map(call -> call.argument(1, MeasureTask.class))
                .filter(task -> task.effort() == Effort.SEARCH)
                .toList();
        assertThat(tasks).allSatisfy(task -> assertThat(task.conditions()).isEqualTo(PHONE));
        assertThat(tasks).extracting(task -> task.networks().size()).containsExactlyInAnyOrder(8, 8, 4);
        List<List<Object>> proposals = calls.of("propose").stream()
                .map(Calls.Call::arguments)
                .filter(arguments -> arguments.get(2).equals("phone"))
                .toList();
        assertThat(proposals)
                .containsExactly(
                        List.of(LIBRARY, PREDICTOR, "phone", "null", List.of()),
                        List.of(
                                LIBRARY,
                                PREDICTOR,
                                "phone",
                                "phone-state-0",
                                measured(
                                                "phone",
                                                PHONE,
                                                Effort.SEARCH,
                                                IntStream.range(0, FakeTraining.CANDIDATES)
                                                        .mapToObj(i -> "phone-candidate-" + i)
                                                        .toList())
                                        .measured()),
                        List.of(LIBRARY, PREDICTOR, "phone", "phone-state-1", List.of()));
    }

    @Test
    void aRunIsTrainedByTheClassOfMachinesThatItAsksFor() {
        workflow.optimize(RUN.withTrainingClass("large"));

        assertThat(calls.names()).containsOnly("measure");
        assertThat(callsOfTheLargeOnes.names())
                .contains("planSpace", "trainBlock", "finetuneSample", "propose", "finetune", "report")
                .doesNotContain("measure");
    }

    @Test
    void nothingTrainsWhileASearchMeasures() {
        workflow.optimize(RUN);

        List<String> names = calls.names();
        int lastSearch = names.lastIndexOf("chooseFront");
        assertThat(names.subList(0, lastSearch)).doesNotContain("evaluateReference", "finetune", "quantize");
        assertThat(names.subList(names.indexOf("propose"), lastSearch)).doesNotContain("trainBlock", "finetuneSample");
    }

    @Test
    void whatTheUserMustMendIsNotTriedAgain() {
        calls.before(call -> {
            if (call.activity().equals("finetuneSample")) {
                throw new BadInputException("reference.onnx: node 'Conv_12' cannot be trained");
            }
        });

        assertThatThrownBy(() -> workflow.optimize(RUN))
                .isInstanceOf(WorkflowFailedException.class)
                .rootCause()
                .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                    assertThat(failure.getType()).isEqualTo(BadInputException.class.getName());
                    assertThat(failure.getOriginalMessage())
                            .isEqualTo("reference.onnx: node 'Conv_12' cannot be trained");
                });
        assertThat(calls.of("finetuneSample"))
                .as("each sample once")
                .hasSizeLessThanOrEqualTo(SAMPLES.size())
                .doesNotHaveDuplicates();
        assertThat(calls.names()).doesNotContain("fitPredictor", "propose", "report");
    }

    @Test
    void whatMayBeTheMachinesFaultIsTriedAgain() {
        AtomicInteger training = new AtomicInteger();
        AtomicInteger measuring = new AtomicInteger();
        calls.before(call -> {
            AtomicInteger failed =
                    switch (call.activity()) {
                        case "collectLibrary" -> training;
                        case "measure" -> measuring;
                        default -> new AtomicInteger(Integer.MAX_VALUE / 2);
                    };
            if (failed.getAndIncrement() < 2) {
                throw new IllegalStateException("the disk is away");
            }
        });

        assertThat(workflow.optimize(RUN).results()).isEqualTo("results");
        assertThat(calls.of("collectLibrary")).hasSize(3);
        assertThat(calls.of("report")).hasSize(1);
    }

    @Test
    void whatFailsAgainAndAgainIsGivenUp() {
        calls.before(call -> {
            if (call.activity().equals("planSpace")) {
                throw new IllegalStateException("the disk is away");
            }
        });

        assertThatThrownBy(() -> workflow.optimize(RUN)).rootCause().hasMessageContaining("the disk is away");
        assertThat(calls.names()).containsOnly("planSpace").hasSize(6);
    }

    @Test
    void cancellationStopsTheWorkAndThenEndsTheRun() throws Exception {
        CountDownLatch working = new CountDownLatch(SAMPLES.size());
        AtomicInteger stopped = new AtomicInteger();
        calls.before(call -> {
            if (call.activity().equals("finetuneSample")) {
                working.countDown();
                workUntilCancelled(stopped);
            }
        });
        WorkflowClient.start(workflow::optimize, RUN);
        assertThat(working.await(20, TimeUnit.SECONDS)).isTrue();

        WorkflowStub run = WorkflowStub.fromTyped(workflow);
        run.cancel();

        assertThatThrownBy(() -> run.getResult(20, TimeUnit.SECONDS, RunOutcome.class))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(stopped).as("work that is over when the run is").hasValue(SAMPLES.size());
        assertThat(calls.names()).doesNotContain("fitPredictor", "report");
    }

    @Test
    void aRunSaysWhereItIs() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        calls.before(call -> {
            if (call.arguments().contains(new BlockTask(1, 0))) {
                first.countDown();
                await(goOn);
            }
        });
        WorkflowClient.start(workflow::optimize, RUN);
        assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(workflow.status()).isEqualTo(new RunStatus("library", "2 networks"));
        BlockLibraryWorkflow library = temporal.getWorkflowClient()
                .newWorkflowStub(BlockLibraryWorkflow.class, OptimizeWorkflowImpl.childId(RUN.runId(), "library"));
        assertThat(library.progress().total()).isEqualTo(3);
        assertThat(library.progress().done()).isLessThan(3);
        goOn.countDown();
        WorkflowStub.fromTyped(workflow).getResult(RunOutcome.class);
        assertThat(library.progress()).isEqualTo(new StageProgress(3, 3));
    }

    @Test
    void compressedNetworksStandBesideThoseThatTheyWereMadeOf() {
        String written = json(RUN).replace("\"seed\":1", "\"seed\":1,\"compress\":{\"scheme\":\"spatial-svd\"}");
        workflow.optimize(read(written));

        List<Finetuned> networks =
                calls.of("report").getFirst().argument(0, ReportRequest.class).networks();
        Finetuned chosen = network(List.of(0, 0), "fp32");
        assertThat(networks.subList(0, 6))
                .as("the reference stays as it is")
                .containsExactly(
                        network(List.of(), "fp32"),
                        network(List.of(), "int8"),
                        chosen,
                        network(List.of(0, 0), "int8"),
                        FakeTraining.compressed(chosen),
                        FakeTraining.compressed(network(List.of(0, 0), "int8")));
        assertThat(calls.of("compress")).hasSize(2);
    }

    @Test
    void whatIsLeftOfLayersIsChosenByLatenciesThatAreMeasuredWhileNothingTrains() {
        String written = json(RUN)
                .replace("\"seed\":1", "\"seed\":1,\"compress\":{\"scheme\":\"spatial-svd\",\"cost\":\"latency\"}");
        workflow.optimize(read(written));

        Finetuned chosen = network(List.of(0, 0), "fp32");
        List<List<String>> compared = calls
                .of(call -> call.activity().equals("measure")
                        && call.argument(1, MeasureTask.class).effort() == Effort.COMPARE)
                .stream()
                .map(call -> call.argument(1, MeasureTask.class).networks())
                .toList();
        assertThat(compared).hasSize(6);
        // layers in any order, but all of them before the choice
        assertThat(compared.subList(0, 2))
                .containsExactlyInAnyOrder(List.of(chosen.network(), "layer 1"), List.of(chosen.network(), "layer 2"));
        assertThat(compared.get(2)).containsExactly(chosen.network(), "choice");
        assertThat(calls.of("compress")).hasSize(2).allSatisfy(call -> assertThat(call.argument(1, Map.class))
                .containsOnlyKeys("layer 1", "layer 2", "choice")
                .containsEntry("choice", List.of(1.0, 1.0)));
        List<String> names = calls.names();
        assertThat(names.subList(names.indexOf("shapesToMeasure"), names.indexOf("compress")))
                .containsOnly("shapesToMeasure", "measure");
    }

    @Test
    void aScenarioThatAsksForItIsMeasuredWithTheSettingsOfItsReference() {
        workflow.optimize(read(json(RUN).replace("\"name\":\"phone\",", "\"name\":\"phone\",\"tune\":true,")));

        assertThat(calls.of("tune"))
                .extracting(Calls.Call::arguments)
                .containsExactly(List.of("pixel", new TuneTask(RUN.runId(), "phone", PHONE, "network-[]-int8")));
        assertThat(calls.of("measure"))
                .extracting(call -> call.argument(1, MeasureTask.class))
                .filteredOn(task -> task.effort() == Effort.REPORT)
                .extracting(task -> task.conditions().settings())
                .containsExactlyInAnyOrder(null, FakeDevice.SETTINGS);
        assertThat(calls.of("report")
                        .getFirst()
                        .argument(0, ReportRequest.class)
                        .tuned())
                .isEqualTo(Map.of("phone", FakeDevice.TUNED));
    }

    @Test
    void theSmallJobQuantizesTheCompressedReference() {
        String written = json(RUN)
                .replace("\"seed\":1", "\"seed\":1,\"compress\":{\"scheme\":\"spatial-svd\"}")
                .replace("\"name\":\"phone\",", "\"name\":\"phone\",\"tune\":true,");
        temporal.getWorkflowClient()
                .newWorkflowStub(
                        QuantizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build())
                .quantize(read(written));

        assertThat(calls.of("quantizeReference"))
                .extracting(call -> call.argument(2, String.class))
                .containsExactly("network-[]-fp32-small");
        Calls.Call report = calls.of("reportQuantization").getFirst();
        assertThat(report.argument(1, List.class))
                .extracting(network -> ((QuantizeOutcome) network).way())
                .containsExactly("spatial-svd", "int8");
        assertThat(report.argument(3, Map.class)).isEqualTo(Map.of("phone", FakeDevice.TUNED));
    }

    @Test
    void precisionsAreChosenByLatenciesThatAreMeasuredBeforeAnythingIsQuantized() {
        String written = json(RUN)
                .replace(
                        "\"seed\":1",
                        "\"seed\":1,\"quantize\":[{\"mixed\":[\"8\",\"float\"],\"budgetMillis\":0.4},{}]");
        temporal.getWorkflowClient()
                .newWorkflowStub(
                        QuantizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build())
                .quantize(read(written));

        assertThat(calls.of(call -> call.activity().equals("measure")
                        && call.argument(1, MeasureTask.class).effort() == Effort.COMPARE))
                .extracting(call -> call.argument(1, MeasureTask.class).networks())
                .containsExactly(List.of("integers", "float group"), List.of("chosen"));
        assertThat(calls.of("quantizeReference"))
                .extracting(call -> call.argument(3, Map.class))
                .containsExactlyInAnyOrder(Map.of("groups", List.of(1.0, 1.0), "choice", List.of(1.0)), Map.of());
        List<String> names = calls.names();
        assertThat(names.lastIndexOf("precisionsToMeasure")).isLessThan(names.indexOf("quantizeReference"));
    }

    @Test
    void historiesCanBeReplayed() throws Exception {
        workflow.optimize(RUN);

        for (Map.Entry<String, Class<?>> entry : Map.of(
                        "small-1", OptimizeWorkflowImpl.class,
                        "small-1/library", BlockLibraryWorkflowImpl.class,
                        "small-1/predictor", PredictorWorkflowImpl.class,
                        "small-1/search-phone", SearchWorkflowImpl.class,
                        "small-1/finetune", FinetuneWorkflowImpl.class)
                .entrySet()) {
            WorkflowReplayer.replayWorkflowExecution(
                    temporal.getWorkflowClient().fetchHistory(entry.getKey()), entry.getValue());
        }
    }

    /** Heartbeats as a training does, until one of them throws. */
    private static void workUntilCancelled(AtomicInteger stopped) {
        ActivityExecutionContext activity = Activity.getExecutionContext();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        try {
            while (System.nanoTime() < end) {
                activity.heartbeat("epoch 1");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        } catch (ActivityCompletionException e) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)); // work takes a moment to stop
            stopped.incrementAndGet();
            throw e;
        }
    }

    private static String json(RunRequest run) {
        try {
            return JSON.writeValueAsString(run);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RunRequest read(String json) {
        try {
            return JSON.readValue(json, RunRequest.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> digests(List<Finetuned> networks, String precision) {
        return networks.stream()
                .filter(network -> network.precision().equals(precision))
                .map(Finetuned::network)
                .toList();
    }

    private static MeasureOutcome measured(
            String scenario, Conditions conditions, Effort effort, List<String> networks) {
        return FakeDevice.measured(
                conditions.deviceClass(), new MeasureTask(RUN.runId(), scenario, conditions, effort, networks));
    }
}
