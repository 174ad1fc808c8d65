package org.datdot.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

/**
 * The user's folder for native libraries that come inside jars: each is unpacked there once, by whoever needs it first, and
 * loaded from there by every process. Their own loaders unpack them into the temporary folder at each start, where a killed
 * process leaves them.
 *
 * <p>An unpacked file is compared with the jar's checksum before every load, so a damaged one is replaced.
 */
public final class LibraryCache {
    private static final Logger LOG = System.getLogger(LibraryCache.class.getName());
    private static final int BUFFER_BYTES = 1 << 16;

    private LibraryCache() {}

    /**
     * Loads a library.
     *
     * @param beside a class out of the jar
     * @param resource the library's name at the root of the jar
     * @param fileName what it is called once it is unpacked
     * @param loader loads it from the folder it is handed
     * @param otherwise loads it when it cannot be unpacked or run there
     */
    public static void load(
            Class<?> beside, String resource, String fileName, Consumer<Path> loader, Runnable otherwise) {
        load(NativeLibrary.cacheFolder(), beside, resource, fileName, loader, otherwise);
    }

    static void load(
            Path cache, Class<?> beside, String resource, String fileName, Consumer<Path> loader, Runnable otherwise) {
        try {
            loader.accept(unpacked(cache, beside, resource, fileName));
        } catch (IOException | UnsatisfiedLinkError e) {
            LOG.log(Level.DEBUG, resource + " cannot be run from the cache folder, its own loader goes on", e);
            otherwise.run();
        }
    }

    private static Path unpacked(Path cache, Class<?> beside, String resource, String fileName) throws IOException {
        URL url = beside.getResource("/" + resource);
        if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
            throw new IOException(resource + " is not in a jar");
        }
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            JarEntry entry = connection.getJarEntry();
            String checksum = HexFormat.of().toHexDigits((int) entry.getCrc());
            Path folder = cache.resolve(resource + "-" + checksum);
            Path file = folder.resolve(fileName);
            if (!isSame(file, entry)) {
                try (InputStream in = jar.getInputStream(entry)) {
                    NativeLibrary.install(in.readAllBytes(), file);
                }
            }
            return folder;
        }
    }

    private static boolean isSame(Path file, JarEntry entry) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != entry.getSize()) {
            return false;
        }
        CRC32 checksum = new CRC32();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                checksum.update(buffer, 0, count);
            }
        }
        return checksum.getValue() == entry.getCrc();
    }
}
