package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_cuda;

/** What the classes of this package do with libtorch's tensors: moving data, layouts, ownership of handles. */
final class Native {

    private Native() {}

    /** Runs a computation, frees the handles that it made but for its result, and hands that to the caller's scope. */
    static Tensor scoped(String what, Supplier<Tensor> body) {
        PointerScope outer = PointerScope.getInnerScope();
        Tensor result;
        try (PointerScope inner = new PointerScope()) {
            result = body.get();
            result.retainReference();
        } catch (TensorException e) {
            throw e;
        } catch (RuntimeException e) {
            throw TensorException.of(what, e);
        }
        return handOver(result, outer);
    }

    /** Gives a retained handle to a scope, or to nobody where there is none: then whoever has it closes it. */
    static Tensor handOver(Tensor retained, PointerScope outer) {
        if (outer != null) {
            outer.attach(retained);
            retained.releaseReference();
        }
        return retained;
    }

    /** As {@link #scoped}, for work without a result. */
    static void run(String what, Runnable body) {
        try (PointerScope inner = new PointerScope()) {
            body.run();
        } catch (TensorException e) {
            throw e;
        } catch (RuntimeException e) {
            throw TensorException.of(what, e);
        }
    }

    /** A tensor that no scope frees; its owner closes it. */
    static Tensor owned(Supplier<Tensor> body) {
        try (PointerScope inner = new PointerScope()) {
            Tensor result = body.get();
            result.retainReference();
            return result;
        }
    }

    /** Random numbers of one's own, that no scope frees; each kind of device has other ones. */
    static Generator generator(Device device, long seed) {
        try (PointerScope scope = new PointerScope()) {
            Generator generator =
                    device.isCpu() ? torch.make_generator_cpu() : torch_cuda.make_generator_cuda(device.index());
            generator.set_current_seed(seed);
            generator.retainReference();
            return generator;
        }
    }

    /** A new tensor of floats whose memory is filled by the given code; one copy in all. */
    static Tensor floats(Consumer<FloatPointer> fill, long... shape) {
        Tensor tensor = torch.empty(shape);
        if (tensor.numel() > 0) { // what is empty has no memory
            try (FloatPointer data = new FloatPointer(tensor.data_ptr())) {
                fill.accept(data);
            }
        }
        return tensor;
    }

    static Tensor floats(float[] data, long... shape) {
        return floats(p -> p.put(data, 0, data.length), shape);
    }

    static Tensor longs(long[] data, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Long), new MemoryFormatOptional());
        if (data.length > 0) {
            try (LongPointer p = new LongPointer(tensor.data_ptr())) {
                p.put(data, 0, data.length);
            }
        }
        return tensor;
    }

    /** INT32 and INT64 become 64-bit integers (indices, shapes), booleans stay, everything else becomes float. */
    static Tensor of(TensorValue value) {
        ElementType type = value.type();
        if (type == ElementType.INT64 || type == ElementType.INT32) {
            return longs(value.longs(), value.shape());
        }
        Tensor data = floats(value.floats(), value.shape());
        return type == ElementType.BOOL ? data.to(ScalarType.Bool) : data;
    }

    /** The tensor in the element type that {@link #of} gives to tensors of an ONNX type. */
    static Tensor as(ElementType type, Tensor tensor) {
        ScalarType wanted =
                switch (type) {
                    case INT64, INT32 -> ScalarType.Long;
                    case BOOL -> ScalarType.Bool;
                    default -> ScalarType.Float;
                };
        return tensor.scalar_type().intern() == wanted ? tensor : tensor.to(wanted);
    }

    static FloatTensor toFloatTensor(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = tensor.detach().cpu().to(ScalarType.Float).contiguous();
            float[] data = new float[Math.toIntExact(plain.numel())];
            if (data.length > 0) {
                new FloatPointer(plain.data_ptr()).get(data);
            }
            return new FloatTensor(data, shape(tensor));
        }
    }

    static long[] toLongs(Tensor tensor) {
        Tensor plain = tensor.detach().cpu().to(ScalarType.Long).contiguous();
        long[] data = new long[Math.toIntExact(plain.numel())];
        if (data.length > 0) {
            new LongPointer(plain.data_ptr()).get(data);
        }
        return data;
    }

    static long[] shape(Tensor tensor) {
        long[] shape = new long[(int) tensor.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    /** Of 32 bits, or of 16 where precision is mixed. */
    static boolean isFloat(Tensor tensor) {
        return tensor.is_floating_point();
    }

    /** Floats in 32 bits; everything else as it is. */
    static Tensor full(Tensor tensor) {
        return isFloat(tensor) ? tensor.to(ScalarType.Float) : tensor;
    }

    /**
     * A copy in channels-last layout, for tensors of four dimensions; others are returned as they are.
     *
     * <p>It must be a copy: {@code contiguous(ChannelsLast)} leaves weights of 1x1 and depthwise convolutions as they are,
     * since both layouts describe them, and convolutions then run in the slower layout.
     */
    static Tensor channelsLast(Tensor tensor) {
        if (tensor.dim() != 4 || !isFloat(tensor)) {
            return tensor;
        }
        return tensor.to(ScalarType.Float, false, true, new MemoryFormatOptional(MemoryFormat.ChannelsLast));
    }

    static Tensor onDevice(Tensor tensor, Device device) {
        if (device.isCpu()) {
            return tensor;
        }
        return tensor.to(device.raw(), tensor.scalar_type());
    }

    /** The tensor on the device of another. */
    static Tensor like(Tensor tensor, Tensor other) {
        return other.is_cpu() && tensor.is_cpu() ? tensor : tensor.to(other.device(), tensor.scalar_type());
    }
}
