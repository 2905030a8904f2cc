package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An array in NumPy's .npy format: the magic bytes, a version, the length of a header, the header as a Python dictionary of element type,
 * order and shape, then the elements.
 *
 * @param type as NumPy writes it: the order of bytes, the kind, the bytes of an element; "<f4"
 * @param data the elements, in the order of C
 * @param origin what messages call the array
 */
record NumpyArray(String type, int[] shape, ByteBuffer data, String origin) {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final String SUFFIX = ".npy";
    private static final Pattern TYPE = Pattern.compile("'descr': *'([^']+)'");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order': *True");
    private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");

    /** @throws BadInputException if this is no such array, or one of a type that is neither images nor labels */
    static NumpyArray parse(byte[] bytes, String origin) {
        if (bytes.length < 12 || !Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
            throw new BadInputException(origin + ": not an array in NumPy's .npy format");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(MAGIC.length);
        int version = buffer.get();
        buffer.get();
        int headerSize = version == 1 ? Short.toUnsignedInt(buffer.getShort()) : buffer.getInt();
        if (headerSize < 0 || headerSize > buffer.remaining()) {
            throw new BadInputException(origin + ": the .npy file ends in its header");
        }
        String header = new String(bytes, buffer.position(), headerSize, StandardCharsets.UTF_8);
        buffer.position(buffer.position() + headerSize);
        if (FORTRAN.matcher(header).find()) {
            throw new BadInputException(
                    origin + ": the array lies in Fortran's order; save numpy.ascontiguousarray(array) instead");
        }
        String type = find(TYPE, header, origin);
        int[] shape = Arrays.stream(find(SHAPE, header, origin).split(","))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        NumpyArray array = new NumpyArray(type, shape, buffer.slice(), origin);
        array.check();
        return array;
    }

    /** The arrays of an .npz file by name. @throws BadInputException if it cannot be read */
    static Map<String, NumpyArray> readAll(Path file) {
        Map<String, NumpyArray> arrays = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry :
                    zip.stream().filter(e -> e.getName().endsWith(SUFFIX)).toList()) {
                String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                arrays.put(name, parse(bytes, file + " '" + name + "'"));
            }
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read as .npz (" + e.getMessage() + ")", e);
        }
        return arrays;
    }

    private static String find(Pattern pattern, String header, String origin) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw new BadInputException(
                    origin + ": its header '" + header.strip() + "' does not tell an array of numbers");
        }
        return matcher.group(1);
    }

    private void check() {
        if (!type.matches("\\|[ui]1|<[ui][248]|<f[248]")) {
            throw new BadInputException(
                    "%s: its elements are of type '%s'; give images as uint8 or float32, labels as integers"
                            .formatted(origin, type));
        }
        long elements = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
        long needed = elements * elementBytes();
        if (needed != data.remaining()) {
            throw new BadInputException("%s: holds %d bytes; its shape %s of type '%s' needs %d"
                    .formatted(origin, data.remaining(), Arrays.toString(shape), type, needed));
        }
    }

    private int elementBytes() {
        return type.charAt(2) - '0';
    }

    boolean isUnsignedBytes() {
        return type.endsWith("u1");
    }

    boolean isFloat() {
        return type.charAt(1) == 'f';
    }

    /** In words for messages. */
    String describe() {
        String kind = isFloat() ? "float" : type.charAt(1) == 'u' ? "uint" : "int";
        return origin + ": " + kind + 8 * elementBytes() + Arrays.toString(shape);
    }

    byte[] bytes() {
        byte[] bytes = new byte[data.remaining()];
        data.get(0, bytes);
        return bytes;
    }

    /** The elements; of integers as well, which floats hold up to 2^24. */
    float[] floats() {
        float[] values = new float[data.remaining() / elementBytes()];
        ByteBuffer little = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            values[i] = isFloat() ? number(little, i) : whole(little, i);
        }
        return values;
    }

    private float number(ByteBuffer little, int i) {
        return switch (elementBytes()) {
            case 2 -> Float.float16ToFloat(little.getShort(2 * i));
            case 4 -> little.getFloat(4 * i);
            default -> (float) little.getDouble(8 * i);
        };
    }

    private long whole(ByteBuffer little, int i) {
        return switch (elementBytes()) {
            case 1 -> isUnsignedBytes() ? Byte.toUnsignedInt(little.get(i)) : little.get(i);
            case 2 -> little.getShort(2 * i);
            case 4 -> little.getInt(4 * i);
            default -> little.getLong(8 * i);
        };
    }

    /** @throws BadInputException if these are no whole numbers from 0 */
    int[] labels() {
        if (isFloat() || shape.length != 1) {
            throw new BadInputException(describe() + "; labels are integers, one for each image");
        }
        ByteBuffer little = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int[] labels = new int[shape[0]];
        for (int i = 0; i < labels.length; i++) {
            long label =
                    switch (elementBytes()) {
                        case 1 -> isUnsignedBytes() ? Byte.toUnsignedInt(little.get(i)) : little.get(i);
                        case 2 -> little.getShort(2 * i);
                        case 4 -> little.getInt(4 * i);
                        default -> little.getLong(8 * i);
                    };
            if (label < 0 || label >= Integer.MAX_VALUE) {
                throw new BadInputException(
                        origin + ": label " + label + " of image " + i + " is no class; classes count from 0");
            }
            labels[i] = (int) label;
        }
        return labels;
    }
}
