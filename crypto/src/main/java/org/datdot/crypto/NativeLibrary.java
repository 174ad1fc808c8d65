package org.datdot.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds libsodium 1.0.20 for this platform among the resources of {@code com.goterl:lazysodium-java}, puts it once into the
 * user's cache under its own hash, and loads it. None of that library's Java code is used.
 *
 * <p>The cached file is compared with the resource before every load, so a damaged or exchanged file is replaced. Where the
 * cache cannot be written or run from, a temporary folder is used instead.
 */
final class NativeLibrary {
    private static final Logger LOG = System.getLogger(NativeLibrary.class.getName());

    /** Platform to resource folder and file name, as they are laid out in the jar. */
    private static final Map<String, String> RESOURCES = Map.of(
            "linux-x86_64", "/linux64/libsodium.so",
            "linux-x86", "/linux/libsodium.so",
            "linux-aarch64", "/arm64/libsodium.so",
            "linux-arm", "/armv6/libsodium.so",
            "mac-x86_64", "/mac/libsodium.dylib",
            "mac-aarch64", "/mac_arm/libsodium.dylib",
            "windows-x86_64", "/windows64/libsodium.dll",
            "windows-x86", "/windows/libsodium.dll");

    private NativeLibrary() {}

    /**
     * Loads the library for the rest of the process's life.
     *
     * @throws CryptoException when there is none for this platform or it does not load
     */
    static SymbolLookup load() {
        String platform = platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        byte[] library = resource(platform);
        String fileName = platform.startsWith("windows")
                ? "libsodium.dll"
                : platform.startsWith("mac") ? "libsodium.dylib" : "libsodium.so";
        try {
            Path cached = cacheFolder(platform).resolve(hash(library)).resolve(fileName);
            install(library, cached);
            return open(cached);
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "libsodium cannot be run from the cache folder, trying a temporary one", e);
            return loadFromTemporaryFolder(library, fileName, platform);
        }
    }

    /** The name of a platform as used above, from the JVM's {@code os.name} and {@code os.arch}. */
    static String platform(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.startsWith("windows")
                ? "windows"
                : name.startsWith("mac") || name.startsWith("darwin") ? "mac" : name;
        String arch = osArch.toLowerCase(Locale.ROOT);
        return os + "-"
                + switch (arch) {
                    case "amd64", "x86_64", "x64" -> "x86_64";
                    case "x86", "i386", "i486", "i586", "i686" -> "x86";
                    case "aarch64", "arm64" -> "aarch64";
                    default -> arch.startsWith("arm") ? "arm" : arch;
                };
    }

    /**
     * Makes sure that {@code target} holds exactly {@code library}; whoever reads it meanwhile sees the old file or the new
     * one, never a part.
     */
    static void install(byte[] library, Path target) throws IOException {
        if (Files.isRegularFile(target) && MessageDigest.isEqual(Files.readAllBytes(target), library)) {
            return;
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("no folder to put a library into: " + target);
        }
        createPrivateFolders(folder);
        Path part = Files.createTempFile(folder, "library", ".part");
        try {
            Files.write(part, library);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        if (!MessageDigest.isEqual(Files.readAllBytes(target), library)) {
            throw new IOException("a library was changed while it was put into " + target);
        }
    }

    /** The library's bytes for a platform, or a refusal that names the supported ones. */
    static byte[] resource(String platform) {
        String resource = RESOURCES.get(platform);
        if (resource == null) {
            throw new CryptoException("There is no libsodium for " + platform + ". Supported are "
                    + String.join(", ", RESOURCES.keySet().stream().sorted().toList()) + " (Linux with glibc).");
        }
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new CryptoException(
                        "libsodium (" + resource + ") is missing: put lazysodium-java's jar on the class path.");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new CryptoException(
                    "libsodium (" + resource + ") could not be read out of lazysodium-java's jar.", e);
        }
    }

    private static SymbolLookup loadFromTemporaryFolder(byte[] library, String fileName, String platform) {
        try {
            Path temporary = Files.createTempDirectory("datdot-libsodium");
            Path file = temporary.resolve(fileName);
            // The folder first: they are deleted in the opposite order.
            temporary.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            install(library, file);
            return open(file);
        } catch (IOException | IllegalArgumentException e) {
            throw new CryptoException(
                    "libsodium for " + platform
                            + " did not load. On Linux it needs glibc (musl systems such as Alpine are not supported)"
                            + " and a cache or temporary folder from which programs may be run.",
                    e);
        }
    }

    private static SymbolLookup open(Path file) {
        return SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
    }

    /** Where this user's unpacked libraries are; not made yet. */
    static Path cacheFolder() {
        return cacheFolder(platform(System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    }

    private static Path cacheFolder(String platform) {
        String home = System.getProperty("user.home", ".");
        Path base;
        if (platform.startsWith("windows")) {
            base = environmentPath("LOCALAPPDATA", Path.of(home, "AppData", "Local"));
        } else if (platform.startsWith("mac")) {
            base = Path.of(home, "Library", "Caches");
        } else {
            base = environmentPath("XDG_CACHE_HOME", Path.of(home, ".cache"));
        }
        return base.resolve("datdot").resolve("native");
    }

    private static Path environmentPath(String name, Path otherwise) {
        @Nullable String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : Path.of(value);
    }

    /** Others must not be able to exchange the file between the check and the load. */
    private static void createPrivateFolders(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    private static String hash(byte[] library) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(library), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
