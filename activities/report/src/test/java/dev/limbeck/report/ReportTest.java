package dev.limbeck.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.testing.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @TempDir
    Path folder;

    @Test
    void theSampleKeepsTheSchema() {
        assertThat(Schemas.named("results").validate(SampleResults.make().tree()))
                .isEmpty();
    }

    @Test
    void thePageHoldsItsDataAndAsksNothingOfANetwork() throws Exception {
        Results results = SampleResults.make();
        Path html = folder.resolve("report.html");

        Report.write(results, html);

        String page = Files.readString(html);
        assertThat(html.resolveSibling("report.html.part")).doesNotExist();
        assertThat(page).contains("default-src 'none'").doesNotContain("{{");
        assertThat(page).doesNotContainPattern("(src|href)=[\"']?https?:");
        assertThat(new ObjectMapper().readTree(data(page))).isEqualTo(new ObjectMapper().readTree(results.toJson()));
    }

    @Test
    void dataCannotEndItsScript() throws Exception {
        Results results = SampleResults.named("</script><script>alert(1)</script>{{data}}&\u2028");

        String page = Report.page(results);

        assertThat(page).doesNotContain("<script>alert").contains("<title>&lt;/script&gt;");
        assertThat(new ObjectMapper().readTree(data(page)).get("name").asText()).isEqualTo(results.name());
    }

    @Test
    void aBrowserDrawsEveryChartWithoutAnErrorOnItsConsole() throws Exception {
        Chromium chromium = Chromium.find();
        assumeTrue(chromium != null, "no chromium on the path: the page is not looked at");
        Path html = folder.resolve("report.html");
        Report.write(SampleResults.make(), html);

        Chromium.Page page = chromium.open(html, folder);

        assertThat(page.console()).isEmpty();
        assertThat(page.dom()).doesNotContain("id=\"problem\"").contains("data-drawn=\"6\"");
        assertThat(page.charts())
                .containsOnlyKeys(
                        "front of laptop-float",
                        "front of laptop-int8",
                        "predicted against finetuned accuracy",
                        "rank correlation",
                        "block quality",
                        "timeline");
        // Every point, cell and bar is a path of its own, so an empty chart has few.
        assertThat(page.charts().values()).allSatisfy(paths -> assertThat(paths).isGreaterThan(10));
        assertThat(page.charts().get("front of laptop-float")).isGreaterThan(200);
        assertThat(page.dom())
                .contains("models/fp32-3.onnx")
                .contains("goals met")
                .contains("speed-up 1.31 ×, at least 1.2 ×: met")
                .contains("speed-up 1.31 ×, at least 1.2 ×: missed")
                .contains("<div class=\"missed\">⚠ " + SampleResults.MISSED)
                .contains("93.67");
    }

    @Test
    void theFrontIsDrawnOverTestAccuracyOnceThatIsChosen() throws Exception {
        Chromium chromium = Chromium.find();
        assumeTrue(chromium != null, "no chromium on the path: the page is not looked at");
        Path html = folder.resolve("report.html");
        String click = "<script>document.querySelector('button[data-accuracy=accuracy]').click()</script>";
        Files.writeString(html, Report.page(SampleResults.make()) + click);

        Chromium.Page page = chromium.open(html, folder);

        assertThat(page.console()).isEmpty();
        assertThat(page.dom()).contains(">test accuracy (%)</text>").contains(">validation accuracy (%)</text>");
    }

    @Test
    void aRunWithoutPredictorSearchOrTimelineIsDrawnToo() throws Exception {
        Chromium chromium = Chromium.find();
        assumeTrue(chromium != null, "no chromium on the path: the page is not looked at");
        Path html = folder.resolve("report.html");
        Report.write(SampleResults.bare(), html);

        Chromium.Page page = chromium.open(html, folder);

        assertThat(page.console()).isEmpty();
        assertThat(page.dom()).doesNotContain("id=\"problem\"");
        assertThat(page.charts()).containsOnlyKeys("front of laptop-float");
    }

    private static String data(String page) {
        Matcher matcher =
                Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL).matcher(page);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
