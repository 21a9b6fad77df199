package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.errors.SnapshotException;

class CborCheckTest {
    // From RFC 8949, appendix A, as far as these items are ever written.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "17",
                "1818",
                "1903e8",
                "1a000f4240",
                "1bffffffffffffffff",
                "20",
                "3bffffffffffffffff",
                "c249010000000000000000",
                "c349010000000000000000",
                "c48221196ab3",
                "c482211bffffffffffffffff",
                "c48221c249010000000000000000",
                "f90000",
                "fa47c35000",
                "fb7ff0000000000000",
                "f4",
                "f5",
                "f6",
                "40",
                "4401020304",
                "60",
                "6161",
                "62c3bc",
                "80",
                "83010203",
                "8301820203820405",
                "a0",
                "a201020304",
                "a26161016162820203",
                "826161a161626163",
                "5f42010243030405ff",
                "7f657374726561646d696e67ff",
                "64f09f9880",
                "5f41ffff",
                "9fff",
                "9f018202039f0405ffff",
                "83018202039f0405ff",
                "83019f0203ff820405",
                "bf61610161629f0203ffff",
                "826161bf61626163ff",
                "bfff",
                "5fff",
                "580100",
                "5a0000000100",
                "780161"
            })
    void whatIsWellFormedIsLetThrough(String hex) {
        byte[] item = HexFormat.of().parseHex(hex);
        assertThatCode(() -> CborCheck.require(item, 0, item.length)).doesNotThrowAnyException();
        byte[] between = HexFormat.of().parseHex("ffff" + hex + "ffff");
        assertThatCode(() -> CborCheck.require(between, 2, item.length)).doesNotThrowAnyException();
        for (int length = 0; length < item.length; length++) {
            int shorter = length;
            assertThatExceptionOfType(SnapshotException.class).isThrownBy(() -> CborCheck.require(between, 2, shorter));
        }
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> CborCheck.require(between, 2, item.length + 1));
    }

    @ParameterizedTest
    @CsvSource({
        "'', CBOR at byte 0: the end (expected: more)",
        "0000, CBOR at byte 1: bytes after the end (expected: none)",
        "1c, CBOR at byte 1: additional information 28 (expected: <= 27)",
        "ff, 'CBOR at byte 1: simple value 31 (expected: false, true, null or a number)'",
        "f7, 'CBOR at byte 1: simple value 23 (expected: false, true, null or a number)'",
        "f8ff, 'CBOR at byte 1: simple value 24 (expected: false, true, null or a number)'",
        "c11a514b67b0, 'CBOR at byte 1: tag 1 (expected: 2, 3 or 4, and no other after it)'",
        "c2c240, 'CBOR at byte 2: tag 2 (expected: 2, 3 or 4, and no other after it)'",
        "c2, CBOR at byte 1: the end (expected: more)",
        "9f, CBOR at byte 1: the end (expected: more)",
        "bf00ff, CBOR at byte 2: a break (expected: a value)",
        "bf00c2ff, 'CBOR at byte 4: simple value 31 (expected: false, true, null or a number)'",
        "81ff, 'CBOR at byte 2: simple value 31 (expected: false, true, null or a number)'",
        "4200, CBOR at byte 1: a length of 2 (expected: <= 1)",
        "5bffffffffffffffff00, CBOR at byte 9: a length of 18446744073709551615 (expected: <= 1)",
        "9a7fffffff00, CBOR at byte 5: a length of 2147483647 (expected: <= 1)",
        "a20000, CBOR at byte 1: a length of 2 (expected: <= 1)",
        "bb7fffffffffffffff0000, CBOR at byte 9: a length of 9223372036854775807 (expected: <= 1)",
        "5f6100ff, CBOR at byte 2: a chunk of another type (expected: a definite string)",
        "5f5f4100ffff, CBOR at byte 2: a chunk of another type (expected: a definite string)",
        "5f40, CBOR at byte 2: the end (expected: more)",
        "61ff, CBOR at byte 2: invalid text (expected: UTF-8)",
        "6561626362ff, CBOR at byte 6: invalid text (expected: UTF-8)",
        "63edb197, CBOR at byte 4: invalid text (expected: UTF-8)",
        "7f63edb197ff, CBOR at byte 5: invalid text (expected: UTF-8)"
    })
    void whatIsNotIsRefused(String hex, String message) {
        byte[] item = HexFormat.of().parseHex(hex);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> CborCheck.require(item, 0, item.length))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"81", "9f", "a100", "bf00"})
    void nestingIsBounded(String opening) {
        String closing = opening.endsWith("f") || opening.startsWith("bf") ? "ff" : "";
        byte[] deepest = HexFormat.of().parseHex(opening.repeat(500) + "00" + closing.repeat(500));
        assertThatCode(() -> CborCheck.require(deepest, 0, deepest.length)).doesNotThrowAnyException();
        byte[] deeper = HexFormat.of().parseHex(opening.repeat(501) + "00" + closing.repeat(501));
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> CborCheck.require(deeper, 0, deeper.length))
                .withMessageEndingWith("nesting of 501 (expected: <= 500)");
    }
}
