/** Reaches what {@code org.datdot.drive} keeps to itself, for the tests of {@code org.datdot.interop}. */
@NullMarked
package org.datdot.drive;

import org.jspecify.annotations.NullMarked;
