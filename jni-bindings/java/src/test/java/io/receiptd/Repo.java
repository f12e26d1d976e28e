package io.receiptd;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The files of the repository that tests compare with. */
public final class Repo {
    private Repo() {}

    public static File file(String path) {
        File folder = new File(System.getProperty("user.dir")).getAbsoluteFile();
        while (folder != null && !new File(folder, "daemon/document/schema").isDirectory()) {
            folder = folder.getParentFile();
        }
        if (folder == null) {
            throw new IllegalStateException("not run inside of the repository: " + System.getProperty("user.dir"));
        }
        return new File(folder, path);
    }

    public static String read(String path) throws IOException {
        return new String(Files.readAllBytes(file(path).toPath()), StandardCharsets.UTF_8);
    }
}
