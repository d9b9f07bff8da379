package io.gridnode.sump;

/**
 * What was made for the labels seen last, so that one that comes again costs a comparison.
 *
 * <p>{@value #SETS} sets of {@value #WAYS}: bounded whatever a plan calls its requests, and nothing to lock. Threads race for a
 * place without harm as long as entries are immutable: one that is missed is made anew.
 *
 * @param <E> an entry, with what it was made for
 */
public final class LabelCache<E> {
    /** Entries that a label may be among. */
    public static final int WAYS = 4;
    /** Of a label's text; longer ones are better made anew each time, so that what is kept stays within some MB. */
    public static final int CHARS_MAX = 1_024;

    private static final int SETS = 1_024;

    private final Object[] entries = new Object[SETS * WAYS];
    private int nextWay;

    /** Where the entry for a label with this hash begins: it is among {@link #WAYS}. Labels that differ little are spread. */
    public static int first(int hash) {
        int spread = hash * 0x9E3779B9;
        return ((spread ^ spread >>> 16) & (SETS - 1)) * WAYS;
    }

    /** An entry or null. */
    @SuppressWarnings("unchecked") // Only put fills the array.
    public E at(int place) {
        return (E) entries[place];
    }

    /** Keeps an entry, instead of another one where there is no place left. */
    public void put(int first, E entry) {
        int place = first + (nextWay++ & WAYS - 1);
        for (int i = first; i < first + WAYS; i++) {
            if (entries[i] == null) {
                place = i;
                break;
            }
        }
        entries[place] = entry;
    }
}
