/** Compact encoding, SCALE, order-preserving keys, z-base-32 and flat-tree numbering. */
@NullMarked
package org.datdot.encoding;

import org.jspecify.annotations.NullMarked;
