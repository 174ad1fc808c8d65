package org.datdot.chain;

/** Tells a connection of the best block and of each one after it. */
final class HeadWatch extends BlockWatch {
    private final RpcSession to;
    private final String notification;

    HeadWatch(RpcSession to, Chain chain, String notification) {
        super(chain);
        this.to = to;
        this.notification = notification;
    }

    @Override
    void send(String id, Header header) {
        whenNewer(header, () -> to.send(JsonRpc.notification(notification, id, HeaderJson.of(header))));
    }
}
