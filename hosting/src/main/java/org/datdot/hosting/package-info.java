/** The roles: sponsor, encoder, attestor, hoster; encoded replicas and their proofs. */
@NullMarked
package org.datdot.hosting;

import org.jspecify.annotations.NullMarked;
