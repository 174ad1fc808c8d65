/** Both directions against the stock Node.js packages, live: their processes, their sockets, their stores. */
@NullMarked
package org.datdot.interop;

import org.jspecify.annotations.NullMarked;
