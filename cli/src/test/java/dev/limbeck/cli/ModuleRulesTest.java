package dev.limbeck.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom: the table of ARCHITECTURE.md. */
@AnalyzeClasses(packages = "dev.limbeck", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRulesTest {

    private static final String[] ACTIVITIES = {
        "dev.limbeck.graph..",
        "dev.limbeck.runtime..",
        "dev.limbeck.tensor..",
        "dev.limbeck.learn..",
        "dev.limbeck.search..",
        "dev.limbeck.quantize..",
        "dev.limbeck.compress..",
        "dev.limbeck.measure..",
        "dev.limbeck.report..",
        "dev.limbeck.analyze..",
        "dev.limbeck.store.."
    };

    private static final String[] PLATFORM = {
        "io.temporal..", "org.apache.kafka..", "dev.limbeck.workflows..", "dev.limbeck.workers..", "dev.limbeck.cli.."
    };

    @ArchTest
    static final ArchRule activitiesKnowNeitherTemporalNorKafka = noClasses()
            .that()
            .resideInAnyPackage(ACTIVITIES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PLATFORM);

    @ArchTest
    static final ArchRule onlyTensorSeesLibtorch = noClasses()
            .that()
            .resideOutsideOfPackages("dev.limbeck.tensor..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onlyRuntimeSeesOnnxRuntime = noClasses()
            .that()
            .resideOutsideOfPackages("dev.limbeck.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule theDeviceWorkerDoesNotTrain = noClasses()
            .that()
            .resideInAnyPackage("dev.limbeck.workers.device..", "dev.limbeck.measure..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.limbeck.tensor..",
                    "dev.limbeck.learn..",
                    "dev.limbeck.search..",
                    "dev.limbeck.quantize..",
                    "dev.limbeck.compress..",
                    "dev.limbeck.workers.gpu..");

    @ArchTest
    static final ArchRule quantizationNeitherTrainsNorSearches = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.quantize..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.limbeck.learn..", "dev.limbeck.search..");

    @ArchTest
    static final ArchRule compressionNeitherTrainsNorMeasures = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.compress..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.limbeck.tensor..",
                    "dev.limbeck.learn..",
                    "dev.limbeck.search..",
                    "dev.limbeck.quantize..",
                    "dev.limbeck.measure..");

    @ArchTest
    static final ArchRule onlyTheCommandAnalyzes = noClasses()
            .that()
            .resideOutsideOfPackages("dev.limbeck.analyze..", "dev.limbeck.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.limbeck.analyze..");

    @ArchTest
    static final ArchRule theTrainingWorkerDoesNotMeasure = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.workers.gpu..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.limbeck.measure..", "dev.limbeck.workers.device..");

    @ArchTest
    static final ArchRule workflowsOnlyCoordinate = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.workflows..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ACTIVITIES);

    @ArchTest
    static final ArchRule workflowsDoNotKnowKafka = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.workflows..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule schemasKnowNobody = noClasses()
            .that()
            .resideInAPackage("dev.limbeck.schemas..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.limbeck.graph..",
                    "dev.limbeck.store..",
                    "dev.limbeck.workflows..",
                    "dev.limbeck.workers..",
                    "dev.limbeck.cli..",
                    "io.temporal..");
}
