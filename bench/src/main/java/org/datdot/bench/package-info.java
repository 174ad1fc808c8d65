/** Measurements beside the stock packages: the same work, the same bytes, in processes of their own, in turn. */
@NullMarked
package org.datdot.bench;

import org.jspecify.annotations.NullMarked;
