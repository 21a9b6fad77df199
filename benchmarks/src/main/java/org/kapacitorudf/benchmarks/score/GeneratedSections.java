package org.kapacitorudf.benchmarks.score;

/**
 * Generated parts of a Markdown document that is otherwise written by hand.
 *
 * <pre>
 *   &lt;!-- generated: NAME --&gt;
 *   ...
 *   &lt;!-- end of NAME --&gt;
 * </pre>
 */
final class GeneratedSections {
    private GeneratedSections() {}

    /** Replaces the text of a section. */
    static String replace(String document, String name, String text) {
        return document.substring(0, start(document, name)) + "\n" + text.strip() + "\n\n"
                + document.substring(end(document, name));
    }

    /** The text of a section. */
    static String read(String document, String name) {
        return document.substring(start(document, name), end(document, name)).strip();
    }

    private static int start(String document, String name) {
        String mark = "<!-- generated: " + name + " -->\n";
        return position(document, mark) + mark.length();
    }

    private static int end(String document, String name) {
        return position(document, "<!-- end of " + name + " -->");
    }

    private static int position(String document, String mark) {
        int position = document.indexOf(mark);
        if (position < 0) {
            throw new IllegalArgumentException("document: without a mark (expected: " + mark.strip() + ")");
        }
        return position;
    }
}
