package org.datdot.chain;

/** An error answer of JSON-RPC 2.0: one request failed, the connection goes on. */
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The text is no JSON. */
    public static final int PARSE_ERROR = -32700;
    /** The JSON is no request. */
    public static final int INVALID_REQUEST = -32600;
    /** There is no such method. */
    public static final int METHOD_NOT_FOUND = -32601;
    /** The method does not take these parameters. */
    public static final int INVALID_PARAMS = -32602;
    /** The request was right and the ledger failed. */
    public static final int INTERNAL_ERROR = -32603;
    /** A limit of the server is reached (subscriptions of a connection, size of an answer). */
    public static final int LIMIT_EXCEEDED = -32005;
    /** State of a block other than the best one is not kept. */
    public static final int STATE_DISCARDED = 4003;

    private final int code;
    private final String data;

    /** An error without further data. */
    public RpcException(int code, String message) {
        this(code, message, "");
    }

    /**
     * An error.
     *
     * @param code JSON-RPC's or Substrate's number
     * @param message for people
     * @param data further text, may be empty
     */
    public RpcException(int code, String message, String data) {
        super(message);
        this.code = code;
        this.data = data;
    }

    static RpcException invalidParams(String message) {
        return new RpcException(INVALID_PARAMS, "Invalid params: " + message);
    }

    /** JSON-RPC's or Substrate's number. */
    public int code() {
        return code;
    }

    /** Further text; empty when there is none. */
    public String data() {
        return data;
    }
}
