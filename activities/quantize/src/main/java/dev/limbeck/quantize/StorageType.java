package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;

/**
 * The ONNX type that holds the integers of a grid.
 *
 * @param type integers, or FLOAT16
 * @param shift what is added to the grid's integers, so that signed ones fit an unsigned type or the other way round
 */
record StorageType(ElementType type, int shift) {

    /** @param signed as the target wants them: on x86 signed activations leave the fast kernels */
    static StorageType ofActivation(NumberFormat format, boolean signed) {
        if (format.isFloat()) {
            return new StorageType(ElementType.FLOAT16, 0);
        }
        int half = 1 << (format.bits() - 1);
        if (signed) {
            ElementType type = format.bits() <= 8 ? ElementType.INT8 : ElementType.INT16;
            return new StorageType(type, format.signed() ? 0 : -half);
        }
        ElementType type = format.bits() <= 8 ? ElementType.UINT8 : ElementType.UINT16;
        return new StorageType(type, format.signed() ? half : 0);
    }

    /** @param packed 4-bit types for grids of up to 4 bits */
    static StorageType ofWeight(NumberFormat format, boolean packed) {
        if (format.isFloat()) {
            return new StorageType(ElementType.FLOAT16, 0);
        }
        ElementType type;
        if (format.bits() > 8) {
            type = format.signed() ? ElementType.INT16 : ElementType.UINT16;
        } else if (format.bits() <= 4 && packed) {
            type = format.signed() ? ElementType.INT4 : ElementType.UINT4;
        } else {
            type = format.signed() ? ElementType.INT8 : ElementType.UINT8;
        }
        return new StorageType(type, 0);
    }

    /** Whether a type holds more integers than a grid has. */
    boolean exceeds(NumberFormat format) {
        return format.lowest() + shift > lowest(type) || format.highest() + shift < highest(type);
    }

    /** The operator set that can quantize and dequantize the type. */
    int opset() {
        return switch (type) {
            case INT16, UINT16, INT4, UINT4 -> 21;
            default -> 13;
        };
    }

    private static int lowest(ElementType type) {
        return switch (type) {
            case INT4 -> -8;
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            default -> 0;
        };
    }

    private static int highest(ElementType type) {
        return switch (type) {
            case INT4 -> 7;
            case UINT4 -> 15;
            case INT8 -> Byte.MAX_VALUE;
            case UINT8 -> 255;
            case INT16 -> Short.MAX_VALUE;
            default -> 65_535;
        };
    }
}
