package org.datdot.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.datdot.encoding.DecodingException;

/**
 * Thirty-two secret bytes as 24 English words that can be written on paper: the mnemonic of BIP-39 (Bitcoin Improvement
 * Proposal 39). Each word stands for 11 bits; the last 8 bits are the first of the bytes' SHA-256 and catch mistakes.
 *
 * <p>The bytes are what is kept; BIP-39's further step (stretching the phrase with a passphrase) is not used. The word list
 * is the proposal's English one as in npm {@code bip39} 3.1.2 ({@code src/wordlists/english.json}).
 */
public final class RecoveryPhrase {
    /** How many words a phrase has. */
    public static final int WORDS = 24;

    /** How many secret bytes a phrase stands for. */
    public static final int SECRET_BYTES = 32;

    private static final int BITS_PER_WORD = 11;
    private static final int LIST_LENGTH = 1 << BITS_PER_WORD;
    private static final List<String> LIST = readList();
    private static final Map<String, Integer> NUMBERS = numbers();

    private RecoveryPhrase() {}

    /**
     * The 24 words, with a space between each two. The result is as secret as the bytes.
     *
     * @throws IllegalArgumentException when there are not exactly 32 bytes
     */
    public static String encode(byte[] secret32) {
        if (secret32.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a recovery phrase stands for 32 bytes, not " + secret32.length);
        }
        byte[] bits = Arrays.copyOf(secret32, SECRET_BYTES + 1);
        bits[SECRET_BYTES] = checksum(secret32);
        StringBuilder phrase = new StringBuilder();
        int pending = 0;
        int pendingBits = 0;
        for (byte b : bits) {
            pending = (pending << 8) | (b & 0xff);
            pendingBits += 8;
            if (pendingBits >= BITS_PER_WORD) {
                pendingBits -= BITS_PER_WORD;
                phrase.append(phrase.isEmpty() ? "" : " ").append(LIST.get(pending >>> pendingBits));
                pending &= (1 << pendingBits) - 1;
            }
        }
        return phrase.toString();
    }

    /**
     * The bytes a person's words stand for. Case and the space between words do not matter.
     *
     * @throws DecodingException saying which word is unknown or missing, without repeating the phrase
     */
    public static byte[] decode(String phrase) {
        String text = phrase.strip().toLowerCase(Locale.ROOT);
        String[] words = text.isEmpty() ? new String[0] : text.split("\\s+", -1);
        if (words.length != WORDS) {
            throw new DecodingException("a recovery phrase has 24 words, this one has " + words.length);
        }
        byte[] bits = new byte[SECRET_BYTES + 1];
        int pending = 0;
        int pendingBits = 0;
        int written = 0;
        for (int i = 0; i < WORDS; i++) {
            pending = (pending << BITS_PER_WORD) | number(words[i], i);
            pendingBits += BITS_PER_WORD;
            while (pendingBits >= 8) {
                pendingBits -= 8;
                bits[written++] = (byte) (pending >>> pendingBits);
                pending &= (1 << pendingBits) - 1;
            }
        }
        byte[] secret = Arrays.copyOf(bits, SECRET_BYTES);
        if (checksum(secret) != bits[SECRET_BYTES]) {
            throw new DecodingException(
                    "these words are no recovery phrase: one of them is wrong or in the wrong place");
        }
        return secret;
    }

    /** Whether a word is one of the list, for checking a phrase while it is typed. */
    public static boolean isWord(String word) {
        return NUMBERS.containsKey(word.strip().toLowerCase(Locale.ROOT));
    }

    private static int number(String word, int at) {
        Integer number = NUMBERS.get(word);
        if (number == null) {
            throw new DecodingException("word " + (at + 1) + " is not one of the words recovery phrases are made of");
        }
        return number;
    }

    private static byte checksum(byte[] secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret)[0];
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static List<String> readList() {
        try (InputStream in = RecoveryPhrase.class.getResourceAsStream("bip39-english.txt")) {
            List<String> words = in == null
                    ? List.of()
                    : new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                            .lines()
                            .toList();
            if (words.size() != LIST_LENGTH) {
                throw new IllegalStateException("the list of recovery words has " + words.size() + " words, not 2048");
            }
            return words;
        } catch (IOException e) {
            throw new IllegalStateException("the list of recovery words cannot be read", e);
        }
    }

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < LIST.size(); i++) {
            numbers.put(LIST.get(i), i);
        }
        return Map.copyOf(numbers);
    }
}
