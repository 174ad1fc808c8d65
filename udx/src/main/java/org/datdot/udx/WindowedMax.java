package org.datdot.udx;

/** The largest of the values of the last so many units of time, by the three best candidates (Nichols' windowed filter). */
final class WindowedMax {
    private final long window;
    private final long[] times = new long[3];
    private final double[] values = new double[3];

    WindowedMax(long window, long time, double value) {
        this.window = window;
        reset(time, value);
    }

    double get() {
        return values[0];
    }

    void reset(long time, double value) {
        for (int i = 0; i < 3; i++) {
            set(i, time, value);
        }
    }

    /** Takes a new value; times never go back. */
    void add(long time, double value) {
        if (value >= values[0] || time - times[2] > window) {
            reset(time, value);
            return;
        }
        if (value >= values[1]) {
            set(1, time, value);
            set(2, time, value);
        } else if (value >= values[2]) {
            set(2, time, value);
        }
        long age = time - times[0];
        if (age > window) {
            // The best is too old: the second follows, and the third becomes the second.
            shift();
            set(2, time, value);
            if (time - times[0] > window) {
                shift();
                set(2, time, value);
            }
        } else if (times[1] == times[0] && age > window / 4) {
            // A quarter passed without a second choice: take one from the rest of the window.
            set(1, time, value);
            set(2, time, value);
        } else if (times[2] == times[1] && age > window / 2) {
            set(2, time, value);
        }
    }

    /** Multiplies what was taken. */
    void scale(double factor) {
        for (int i = 0; i < 3; i++) {
            values[i] *= factor;
        }
    }

    private void shift() {
        set(0, times[1], values[1]);
        set(1, times[2], values[2]);
    }

    private void set(int i, long time, double value) {
        times[i] = time;
        values[i] = value;
    }
}
