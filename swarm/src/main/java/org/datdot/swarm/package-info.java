/** Connections between peers: secret-stream over TCP, dialled and accepted by public key. */
@NullMarked
package org.datdot.swarm;

import org.jspecify.annotations.NullMarked;
