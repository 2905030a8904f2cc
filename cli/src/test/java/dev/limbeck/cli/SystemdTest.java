package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of a device worker. */
class SystemdTest {

    private static final Path FOLDER = DeployFiles.DEPLOY.resolve("systemd");
    private static final String UNIT = DeployFiles.read(FOLDER.resolve("limbeck-device.service"));
    private static final String PROGRAM = "/opt/limbeck/bin/limbeck";
    /** What systemd says of a unit that confines what it starts: 0 to 10, less is better; 2.5 is well within its "OK". */
    private static final double EXPOSURE = 2.5;

    @TempDir
    private Path folder;

    @Test
    void systemdUnderstandsIt() throws Exception {
        assertThat(verify(UNIT)).isEqualTo("0\n");
        assertThat(verify(UNIT.replace("Restart=", "Restarts=")))
                .as("a misspelt key")
                .contains("Restarts");
    }

    @Test
    void littleIsLeftToAttack() throws Exception {
        Path unit = unit(UNIT);
        String said = DeployFiles.run(folder, "systemd-analyze", "security", "--offline=true", unit.toString());
        Matcher exposure =
                Pattern.compile("exposure level for \\S+: (\\d+\\.\\d)").matcher(said);
        assertThat(exposure.find()).as(said).isTrue();
        assertThat(Double.parseDouble(exposure.group(1))).isLessThanOrEqualTo(EXPOSURE);
    }

    @Test
    void comesBackAndLeavesTimeToLeave() {
        assertThat(UNIT).contains("Restart=always", "StartLimitIntervalSec=0", "WantedBy=multi-user.target");
        Matcher stop = Pattern.compile("TimeoutStopSec=(\\d+)").matcher(UNIT);
        assertThat(stop.find()).isTrue();
        assertThat(Integer.parseInt(stop.group(1))).isGreaterThan(30);
    }

    @Test
    void itsCommandIsLimbecksOwn() {
        Matcher start = Pattern.compile("(?m)^ExecStart=(\\S+) (.*)$").matcher(UNIT);
        assertThat(start.find()).isTrue();
        assertThat(start.group(1)).isEqualTo(PROGRAM);
        List<String> arguments = Arrays.asList(start.group(2)
                .replace("${LIMBECK_DEVICE_CLASS}", "local")
                .replace("${LIMBECK_METRICS_PORT}", "9464")
                .split(" "));
        DeployFiles.parse(arguments);
        assertThat(arguments).startsWith("worker", "device");
    }

    @Test
    void variablesOfTheExampleAreRead() {
        Pattern.compile("(?m)^([A-Z_0-9]+)=")
                .matcher(DeployFiles.read(FOLDER.resolve("device.env.example")))
                .results()
                .map(variable -> variable.group(1))
                .forEach(variable -> assertThat(DeployFiles.knows(variable) || UNIT.contains("${" + variable + "}"))
                        .as(variable)
                        .isTrue());
    }

    private String verify(String unit) throws Exception {
        return DeployFiles.run(folder, "systemd-analyze", "verify", unit(unit).toString());
    }

    /** Systemd wants programs and users to be there. */
    private Path unit(String text) throws Exception {
        assumeThat(DeployFiles.hasProgram("systemd-analyze"))
                .as("systemd-analyze is not installed")
                .isTrue();
        return Files.writeString(
                folder.resolve("limbeck-device.service"),
                text.replace(PROGRAM, "/bin/true").replaceAll("(?m)^(User|Group)=.*$", ""));
    }
}
