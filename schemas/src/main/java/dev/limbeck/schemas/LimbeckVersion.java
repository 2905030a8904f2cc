package dev.limbeck.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this build of Limbeck is, as the build wrote it down.
 *
 * @param commit of the sources, with "-dirty" where they differed from it; null where the build did not know
 */
public record LimbeckVersion(String version, String commit) {

    private static final String RESOURCE = "version.properties";

    /** Of the code that runs. */
    public static LimbeckVersion current() {
        Properties properties = new Properties();
        try (InputStream in = LimbeckVersion.class.getResourceAsStream(RESOURCE)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
        String commit = properties.getProperty("commit");
        return new LimbeckVersion(properties.getProperty("version"), commit.isBlank() ? null : commit);
    }

    @Override
    public String toString() {
        return commit == null ? version : version + " (" + commit + ")";
    }
}
