package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.RequestEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestReachTest {

    @TempDir
    private Path folder;

    @Test
    void requestsNameDatasetsAndAllowedFoldersAlone() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("data-of-others"));
        Files.createSymbolicLink(data.resolve("link"), folder);
        RequestReach reach = new RequestReach(List.of(data, Path.of("/workers/alone")));

        for (String allowed : List.of("fashion-mnist", data.toString(), data + "/absent", "/workers/alone/images")) {
            assertThatCode(() -> reach.check(request(allowed))).as(allowed).doesNotThrowAnyException();
        }
        for (String other : List.of(
                "/etc",
                "src",
                ".",
                "data",
                data + "/../data-of-others",
                data + "-of-others",
                data + "/link",
                "/workers/alone/../images",
                "a\0b")) {
            assertThatThrownBy(() -> reach.check(request(other)))
                    .as(other)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("limbeck trigger --allow");
        }
        assertThatThrownBy(() -> new RequestReach(List.of()).check(request(data.toString())))
                .isInstanceOf(BadInputException.class);
    }

    @Test
    void whatTheSpecItselfNamesIsLookedAtToo() {
        RequestEvent request = new RequestEvent("a", spec("/etc", ""), "0".repeat(64), null, null);
        assertThatThrownBy(() -> new RequestReach(List.of()).check(request))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'/etc'");
    }

    @Test
    void wrongRequestsAreRefused() {
        RequestReach reach = new RequestReach(List.of());
        String spec = spec("fashion-mnist", "");
        for (RequestEvent wrong : List.of(
                new RequestEvent("", spec, "0".repeat(64), null, null),
                new RequestEvent("a".repeat(201), spec, "0".repeat(64), null, null),
                new RequestEvent("a", null, "0".repeat(64), null, null),
                new RequestEvent("a", spec, null, null, null),
                new RequestEvent("a", spec, "../../secret", null, null),
                new RequestEvent("a", spec, "0".repeat(64), null, "A 100"),
                new RequestEvent(
                        "a", spec("fashion-mnist", "quantize: {target: /etc/a.json}"), "0".repeat(64), null, null))) {
            assertThatThrownBy(() -> reach.check(wrong)).as(wrong.toString()).isInstanceOf(BadInputException.class);
        }
    }

    private static RequestEvent request(String data) {
        return new RequestEvent("a", spec("fashion-mnist", ""), "0".repeat(64), data, null);
    }

    private static String spec(String data, String more) {
        return """
                limbeck: v1
                name: a
                reference: a.onnx
                task: {type: classification, data: %s}
                scenarios: [{name: a}]
                %s
                """.formatted(data, more);
    }
}
