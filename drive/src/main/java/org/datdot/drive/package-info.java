/** Files on hypercores: hyperbee, hyperblobs, hyperdrive; import and export of a folder. */
@NullMarked
package org.datdot.drive;

import org.jspecify.annotations.NullMarked;
