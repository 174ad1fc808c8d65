/** Finding peers without a server: Kademlia as npm dht-rpc does it, with the records of npm hyperdht on top. */
@NullMarked
package org.datdot.dht;

import org.jspecify.annotations.NullMarked;
