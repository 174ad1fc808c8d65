/** The process: wiring, configuration, command line, devnet and demo. */
@NullMarked
package org.datdot.node;

import org.jspecify.annotations.NullMarked;
