package io.gridnode.sump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static Settings read(Map<String, String> properties, Map<String, String> environment) {
        return Settings.read(properties::get, environment::get);
    }

    @Test
    void aPropertyBeatsTheEnvironment() {
        Settings settings = read(
                Map.of("gridnode.flood", "8", "gridnode.sump_port", "4000"),
                Map.of("FLOOD_SEQUENCE_ID", "7", "FLOOD_SUMP_HOST", "127.0.0.2", "GRIDNODE_TRACE_DIR", "/traces"));
        assertEquals("8", settings.flood);
        assertEquals("127.0.0.2", settings.sumpHost);
        assertEquals(4_000, settings.sumpPort);
        assertEquals(Path.of("/traces"), settings.finalDir);
    }

    @Test
    void onlyTheFloodIsRequired() {
        Settings settings = read(Map.of(), Map.of("FLOOD_SEQUENCE_ID", "7"));
        assertEquals("127.0.0.1", settings.sumpHost);
        assertEquals(35_663, settings.sumpPort);
        assertNull(settings.finalDir);
        assertThrows(IllegalArgumentException.class, () -> read(Map.of("gridnode.flood", ""), Map.of()));
    }

    @Test
    void aPortThatIsNoneIsQuoted() {
        for (String port : new String[] {"0", "65536", "http", "-1"}) {
            var error = assertThrows(
                    IllegalArgumentException.class,
                    () -> read(Map.of("gridnode.flood", "7", "gridnode.sump_port", port), Map.of()));
            assertTrue(error.getMessage().contains('"' + port + '"'), error.getMessage());
            assertTrue(error.getMessage().contains("FLOOD_SUMP_PORT"), error.getMessage());
        }
    }

    @Test
    void theReportAndTheStopFileAreFoundWithoutAFlood() {
        Map<String, String> environment = Map.of("GRIDNODE_REPORT_FILE", "/run/report", "GRIDNODE_STOP_FILE", "/run/stop");
        assertEquals(Path.of("/run/report"), Settings.reportFile(name -> null, environment::get));
        assertEquals(Path.of("/run/stop"), Settings.stopFile(name -> null, environment::get));
        assertNull(Settings.stopFile(name -> null, name -> null));
    }
}
