/** Reaches what {@code org.datdot.hypercore} keeps to itself, for the tests of {@code org.datdot.interop}. */
@NullMarked
package org.datdot.hypercore;

import org.jspecify.annotations.NullMarked;
