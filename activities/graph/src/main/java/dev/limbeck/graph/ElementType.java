package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;

/** Element types of ONNX tensors that Limbeck reads and writes. */
public enum ElementType {
    FLOAT(DataType.FLOAT, 4),
    DOUBLE(DataType.DOUBLE, 8),
    FLOAT16(DataType.FLOAT16, 2),
    BFLOAT16(DataType.BFLOAT16, 2),
    INT8(DataType.INT8, 1),
    UINT8(DataType.UINT8, 1),
    INT16(DataType.INT16, 2),
    UINT16(DataType.UINT16, 2),
    INT32(DataType.INT32, 4),
    UINT32(DataType.UINT32, 4),
    INT64(DataType.INT64, 8),
    UINT64(DataType.UINT64, 8),
    BOOL(DataType.BOOL, 1),
    STRING(DataType.STRING, 0),
    INT4(DataType.INT4, 0),
    UINT4(DataType.UINT4, 0),
    /** Anything else: carried through unchanged, never computed with. */
    OTHER(DataType.UNDEFINED, 0);

    private final DataType onnx;
    private final int bytes;

    ElementType(DataType onnx, int bytes) {
        this.onnx = onnx;
        this.bytes = bytes;
    }

    /** Size of one element in bytes; 0 where elements are packed or of variable size. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are whole numbers or truth values. */
    boolean isInteger() {
        return switch (this) {
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, INT4, UINT4 -> true;
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16, STRING, OTHER -> false;
        };
    }

    /** The number that ONNX files use for this type. */
    public int code() {
        return onnx.getNumber();
    }

    /** The type of a number found in a file; {@link #OTHER} where it is not known. */
    public static ElementType ofCode(int code) {
        for (ElementType type : values()) {
            if (type != OTHER && type.code() == code) {
                return type;
            }
        }
        return OTHER;
    }
}
