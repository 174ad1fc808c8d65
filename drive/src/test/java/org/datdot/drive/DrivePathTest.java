package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DrivePathTest {

    /** What Hyperdrive.normalizePath of npm hyperdrive 13.3.4 returns for the same text. */
    @ParameterizedTest
    @CsvSource({
        "a, /a",
        "/a, /a",
        "a/b/, /a/b",
        "//a///b, /a/b",
        "./a/./b, /a/b",
        "a/../b, /b",
        "/a/b/../../c, /c",
        "a\\b, /a/b",
        "C:\\a\\b, /a/b",
        "C:/a, /a",
        "file:/a/b, /a/b",
        "file:///a/b, /a/b",
        "http://host/a, /a",
        "a:b/c, /a:b/c",
        "/C:/a, /C:/a",
        "ab:/c/d, /",
        "/größe/☃ 🙂, /größe/☃ 🙂",
    })
    void shouldNormaliseAsStockWhenGivenAnyText(String text, String expected) {
        if (expected.equals("/")) {
            assertThatThrownBy(() -> DrivePath.of(text)).isInstanceOf(DriveException.class);
        } else {
            assertThat(DrivePath.of(text)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", ".", "a/..", "//", "..", "/..", "a/../..", "C:\\"})
    void shouldRefuseANameWhenItIsTheRootOrAbove(String text) {
        assertThatThrownBy(() -> DrivePath.of(text)).isInstanceOf(DriveException.class);
    }

    @Test
    void shouldGiveTheEmptyPrefixWhenTheFolderIsTheRoot() {
        assertThat(DrivePath.folder("/")).isEmpty();
        assertThat(DrivePath.folder("")).isEmpty();
        assertThat(DrivePath.folder("/a/b/")).isEqualTo("/a/b");
    }
}
