package org.datdot.swarm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * The value under which a peer says in the DHT where it accepts connections besides UDP ({@code docs/reach.md}): compact-encoded
 * the text {@value #NAME}, a version, and the URIs. It is the mutable value of the peer's own key, signed like all of them, so
 * that every HyperDHT node stores it.
 */
final class EndpointRecord {
    static final int MAX_ENDPOINTS = 4;
    private static final String NAME = "datdot/endpoints";
    private static final int VERSION = 1;
    /** More entries than this are no record of ours. */
    private static final int MAX_ENTRIES = 32;

    private EndpointRecord() {}

    /**
     * The value.
     *
     * @param endpoints at most {@value #MAX_ENDPOINTS}
     */
    static byte[] encode(List<Endpoint> endpoints) {
        if (endpoints.size() > MAX_ENDPOINTS) {
            throw new IllegalArgumentException("at most " + MAX_ENDPOINTS + " addresses can be advertised");
        }
        CompactEncoder encoder = new CompactEncoder().string(NAME).uint(VERSION).uint(endpoints.size());
        for (Endpoint endpoint : endpoints) encoder.string(endpoint.toString());
        return encoder.toBytes();
    }

    /**
     * What a value says: the first {@value #MAX_ENDPOINTS} addresses that are understood; none when it is something else, of
     * another program for instance.
     */
    static List<Endpoint> decode(byte[] value) {
        Set<Endpoint> endpoints = new LinkedHashSet<>();
        try {
            CompactDecoder decoder = new CompactDecoder(value);
            if (!decoder.string().equals(NAME) || decoder.uint() != VERSION) return List.of();
            int count = decoder.count(1);
            if (count > MAX_ENTRIES) return List.of();
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) texts.add(decoder.string());
            for (String text : texts) {
                if (endpoints.size() < MAX_ENDPOINTS) add(endpoints, text);
            }
        } catch (DecodingException _) {
            return List.of(); // the value of another program
        }
        return List.copyOf(endpoints);
    }

    private static void add(Set<Endpoint> endpoints, String text) {
        try {
            if (text.contains("://")) endpoints.add(Endpoint.parse(text));
        } catch (IllegalArgumentException _) {
            // a way that is not known here, perhaps of a newer version
        }
    }
}
