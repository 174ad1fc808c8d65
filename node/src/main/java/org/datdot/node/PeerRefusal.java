package org.datdot.node;

/** A request of {@code datdot peer} that makes no sense: the answer's code is {@code bad-request}. */
final class PeerRefusal extends RuntimeException {
    PeerRefusal(String message) {
        super(message);
    }
}
