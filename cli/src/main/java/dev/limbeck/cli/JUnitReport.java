package dev.limbeck.cli;

import dev.limbeck.schemas.GoalCheck;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.WholeFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A run as the XML that CIs read test results from: a suite for each scenario, a test case for each goal. */
final class JUnitReport {

    private JUnitReport() {}

    static void write(Path file, RunReport report) {
        WholeFile.write(file, xml(report).getBytes(StandardCharsets.UTF_8), "choose another place by --junit");
    }

    static String xml(RunReport report) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            xml.writeAttribute("name", report.runId());
            if (report.goalsMet() == null) {
                unfinished(xml, report);
            }
            for (RunReport.Scenario scenario : report.scenarios()) {
                suite(xml, report.runId(), scenario);
            }
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("the test results cannot be written as XML", e);
        }
        return text.append('\n').toString();
    }

    private static void unfinished(XMLStreamWriter xml, RunReport report) throws XMLStreamException {
        startSuite(xml, report.runId(), 1, 0, 1);
        startCase(xml, report.runId(), "run");
        xml.writeStartElement("error");
        xml.writeAttribute("message", printable(report.failure() == null ? report.state() : report.failure()));
        xml.writeAttribute("type", report.state());
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static void suite(XMLStreamWriter xml, String runId, RunReport.Scenario scenario)
            throws XMLStreamException {
        int missed = (int) scenario.goals().stream().filter(goal -> !goal.met()).count();
        String title = scenario.title();
        startSuite(xml, title, Math.max(1, scenario.goals().size()), missed, 0);
        if (scenario.goals().isEmpty()) {
            startCase(xml, runId + "." + title, "done");
            xml.writeEndElement();
        }
        for (Results.Goal goal : scenario.goals()) {
            startCase(xml, runId + "." + title, goal.name());
            if (!goal.met()) {
                xml.writeStartElement("failure");
                xml.writeAttribute("message", GoalCheck.describe(goal));
                xml.writeAttribute("type", "goal");
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static void startSuite(XMLStreamWriter xml, String name, int tests, int failures, int errors)
            throws XMLStreamException {
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", name);
        xml.writeAttribute("tests", Integer.toString(tests));
        xml.writeAttribute("failures", Integer.toString(failures));
        xml.writeAttribute("errors", Integer.toString(errors));
    }

    private static void startCase(XMLStreamWriter xml, String suite, String name) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", suite);
        xml.writeAttribute("name", name);
    }

    /** XML has no control characters. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
