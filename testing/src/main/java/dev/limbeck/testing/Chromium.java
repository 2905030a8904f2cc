package dev.limbeck.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless browser that opens one page. */
public record Chromium(Path executable) {

    /** @return null if there is none on the path */
    public static Chromium find() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Chromium::new)
                .orElse(null);
    }

    /**
     * What a page became.
     *
     * @param console messages, in which refused requests show too
     */
    public record Page(String dom, List<String> console) {

        /** The number of drawn shapes of each chart, by its name. */
        public Map<String, Integer> charts() {
            Map<String, Integer> charts = new LinkedHashMap<>();
            Matcher chart = Pattern.compile("data-chart=\"([^\"]+)\".*?</figure>", Pattern.DOTALL)
                    .matcher(dom);
            while (chart.find()) {
                int shapes = chart.group().split("<(path|rect|circle|line)\\b", -1).length - 1;
                charts.put(chart.group(1), shapes);
            }
            return charts;
        }
    }

    /** @param scratch a folder for the browser's own files */
    public Page open(Path html, Path scratch) throws IOException, InterruptedException {
        Path dom = scratch.resolve("dom.html");
        Path log = scratch.resolve("log.txt");
        Process process = new ProcessBuilder(
                        executable.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--window-size=1280,2000",
                        "--user-data-dir=" + scratch.resolve("profile"),
                        "--enable-logging=stderr",
                        "--virtual-time-budget=10000",
                        "--dump-dom",
                        html.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(log.toFile())
                .start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException("the browser did not end: " + Files.readString(log));
        }
        try (Stream<String> lines = Files.lines(log)) {
            return new Page(
                    Files.readString(dom),
                    lines.filter(line -> line.contains("CONSOLE")).toList());
        }
    }
}
