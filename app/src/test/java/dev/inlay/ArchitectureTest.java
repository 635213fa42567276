package dev.inlay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.jspecify.annotations.NullMarked;

/**
 * The architecture, as rules that fail: which package may see which.
 *
 * <p>{@code training -> adapter -> model -> engine}; {@code app} sees them all. A package that does not exist yet has its
 * rule already, so that its first class cannot start in the wrong direction.
 */
@AnalyzeClasses(
        packages = "dev.inlay",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
    /** The library's tests come as a jar of their own, which the usual option takes for the library. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String ENGINE = "dev.inlay.engine..";
    private static final String MODEL = "dev.inlay.model..";
    private static final String ADAPTER = "dev.inlay.adapter..";
    private static final String TRAINING = "dev.inlay.training..";
    private static final String ANALYSIS = "dev.inlay.analysis..";
    private static final String STEERING = "dev.inlay.steering..";
    private static final String TOPICS = "dev.inlay.topics..";
    private static final String DYNAMICS = "dev.inlay.dynamics..";
    private static final String APP = "dev.inlay.app..";

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().assignedFrom(new EachPackage()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule rootSeesNoPackageBelowIt = noClasses()
            .that()
            .resideInAPackage("dev.inlay")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.inlay.(*)..");

    @ArchTest
    static final ArchRule engineSeesNoModel =
            mustNotSee(ENGINE, MODEL, ADAPTER, TRAINING, ANALYSIS, STEERING, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule modelSeesNoAdapter =
            mustNotSee(MODEL, ADAPTER, TRAINING, ANALYSIS, STEERING, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule adapterSeesNoTraining =
            mustNotSee(ADAPTER, TRAINING, ANALYSIS, STEERING, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule trainingSeesNoUseOfIt = mustNotSee(TRAINING, ANALYSIS, STEERING, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule analysisStandsBesideTraining =
            mustNotSee(ANALYSIS, TRAINING, STEERING, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule steeringStandsAlone = mustNotSee(STEERING, ANALYSIS, TOPICS, DYNAMICS, APP);

    @ArchTest
    static final ArchRule topicsStandAlone = mustNotSee(TOPICS, ANALYSIS, STEERING, DYNAMICS, APP);

    @ArchTest
    static final ArchRule dynamicsSeesNothing =
            mustNotSee(DYNAMICS, ENGINE, MODEL, ADAPTER, TRAINING, ANALYSIS, STEERING, TOPICS, APP);

    /** Files and text are read before there is a model, and are useful without one. */
    @ArchTest
    static final ArchRule filesAndTextSeeNoModel = noClasses()
            .that()
            .resideInAnyPackage("dev.inlay.model.files..", "dev.inlay.model.text..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.inlay.model")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheEngineKnowsTheNativeLibrary = noClasses()
            .that()
            .resideOutsideOfPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onlyTheCommandLinePrints =
            noClasses().that().resideOutsideOfPackage("dev.inlay.app.cli..").should(ACCESS_STANDARD_STREAMS);

    /** Pages and experiments can be made by any front end. */
    @ArchTest
    static final ArchRule pagesKnowNoCommand = noClasses()
            .that()
            .resideInAnyPackage("dev.inlay.app.report..", "dev.inlay.app.experiments..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.inlay.app.cli..");

    @ArchTest
    static final ArchRule exceptionsAreNamed = NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

    @ArchTest
    static final ArchRule nothingIsLoggedBehindTheUser =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule everyPackageSaysWhatMayBeNull =
            classes().that().resideInAPackage("dev.inlay..").should(liveInANullMarkedPackage());

    private static ArchRule mustNotSee(String packageName, String... forbidden) {
        return noClasses()
                .that()
                .resideInAPackage(packageName)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true);
    }

    private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
        return new ArchCondition<>("live in a package annotated with @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(
                        type, marked, type.getName() + " lives in " + type.getPackageName() + ", which has no mark"));
            }
        };
    }

    /** Every package is a slice of its own, also the nested ones; finer than one slice per top package. */
    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
