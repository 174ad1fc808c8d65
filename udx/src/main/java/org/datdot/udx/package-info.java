/** Reliable ordered streams and unordered messages over UDP: npm {@code udx-native}, on the wire libudx. */
@NullMarked
package org.datdot.udx;

import org.jspecify.annotations.NullMarked;
