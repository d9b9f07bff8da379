package library;

/** What a simulation of the project uses of the application. */
public final class Shelf {
    private Shelf() {
    }

    public static String url() {
        return System.getProperty("url");
    }
}
