/** What every stream between peers speaks: Noise, secret-stream, protomux. */
@NullMarked
package org.datdot.wire;

import org.jspecify.annotations.NullMarked;
