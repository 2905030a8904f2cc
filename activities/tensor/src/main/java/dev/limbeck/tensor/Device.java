package dev.limbeck.tensor;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Where tensors live and are computed with.
 *
 * @param name libtorch's name of the device, such as "cpu" or "cuda:0"
 */
public record Device(String name) {

    public static final Device CPU = new Device("cpu");

    private static final Pattern NAME = Pattern.compile("cpu|cuda:(\\d{1,3})");

    public Device {
        requireNonNull(name, "name is null");
    }

    /** A GPU by its number, from 0; needs the CUDA build of libtorch on the class path. */
    public static Device cuda(int index) {
        return new Device("cuda:" + index);
    }

    /**
     * A device that is there.
     *
     * @param name "cpu", or "cuda:0" and so on
     * @throws BadInputException if it is no name of a device, or there is none of this name
     */
    public static Device named(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new BadInputException("'" + name + "' is no device; give cpu or cuda:0, cuda:1, ...");
        }
        if (matcher.group(1) == null) {
            return CPU;
        }
        if (!torch.hasCUDA()) {
            throw new BadInputException("there is no '" + name
                    + "': either this machine has no NVIDIA driver, or Limbeck was built without CUDA, which LIMBECK_MAVEN_OPTIONS=-Pcuda "
                    + "mends; or give cpu");
        }
        int count = torch_cuda.device_count();
        if (Integer.parseInt(matcher.group(1)) >= count) {
            throw new BadInputException("there is no '" + name + "': "
                    + (count == 0
                            ? "CUDA finds no GPU, look at 'nvidia-smi'"
                            : "this machine has cuda:0 to cuda:" + (count - 1)));
        }
        return new Device(name);
    }

    /** The CPU, and every GPU that can be used. */
    public static List<Device> available() {
        int gpus = torch.hasCUDA() ? torch_cuda.device_count() : 0;
        return Stream.concat(Stream.of(CPU), IntStream.range(0, gpus).mapToObj(Device::cuda))
                .toList();
    }

    DeviceType type() {
        return isCpu() ? DeviceType.CPU : DeviceType.CUDA;
    }

    boolean isCpu() {
        return equals(CPU);
    }

    /** Of a GPU. */
    byte index() {
        return Byte.parseByte(name.substring(name.indexOf(':') + 1));
    }

    org.bytedeco.pytorch.Device raw() {
        return new org.bytedeco.pytorch.Device(name);
    }
}
