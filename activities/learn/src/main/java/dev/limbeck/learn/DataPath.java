package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Data that users have as files: image files in class folders or without, IDX files, and NumPy's .npy and .npz.
 *
 * <p>What is split already stays so: folders {@code train}, {@code val} and {@code test}; IDX files {@code train-…} and {@code t10k-…};
 * arrays {@code x_train} and {@code x_test}. Everything else is split here, always in the same way.
 */
final class DataPath {

    private static final List<String> TRAIN = List.of("train", "training");
    private static final List<String> VALIDATION = List.of("val", "valid", "validation");
    private static final List<String> TEST = List.of("test", "testing", "t10k");
    private static final List<String> IMAGES = List.of("x", "images", "image", "data", "input", "inputs");
    private static final List<String> LABELS = List.of("y", "labels", "label", "targets", "target");
    private static final List<String> IMAGE_FILES = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");
    private static final String IDX_IMAGES = "images-idx3-ubyte";
    private static final String IDX_LABELS = "labels-idx1-ubyte";

    private DataPath() {}

    /** @throws BadInputException naming the file, if there are no data, or broken ones */
    static SampleSplits read(Path path) {
        if (Files.isDirectory(path)) {
            return folder(path);
        }
        String name = path.getFileName().toString();
        if (name.endsWith(".npz")) {
            return archive(path);
        }
        if (name.endsWith(".npy")) {
            return SampleSplits.of(samples(NumpyArray.parse(bytes(path), path.toString()), Optional.empty()));
        }
        if (name.contains(IDX_IMAGES)) {
            return SampleSplits.of(idx(path));
        }
        throw new BadInputException(path + ": is neither a folder of images, nor .npz, .npy or IDX (…" + IDX_IMAGES
                + "[.gz]), which are the data that can be read");
    }

    private static SampleSplits folder(Path folder) {
        Map<String, Path> idx = new HashMap<>();
        for (Path file : children(folder)) {
            String name = file.getFileName().toString();
            if (Files.isRegularFile(file) && name.contains(IDX_IMAGES)) {
                idx.put(name.substring(0, name.indexOf(IDX_IMAGES)).replaceAll("[-_.]$", ""), file);
            }
        }
        if (!idx.isEmpty()) {
            Optional<Path> train = find(idx, TRAIN);
            Optional<Path> test = find(idx, TEST);
            return train.isPresent() && test.isPresent()
                    ? SampleSplits.of(idx(train.get()), idx(test.get()))
                    : SampleSplits.of(idx(idx.values().iterator().next()));
        }
        Map<String, Path> parts = new HashMap<>();
        children(folder).stream()
                .filter(Files::isDirectory)
                .forEach(part -> parts.put(part.getFileName().toString().toLowerCase(Locale.ROOT), part));
        Optional<Path> train = find(parts, TRAIN);
        Optional<Path> validation = find(parts, VALIDATION);
        Optional<Path> test = find(parts, TEST);
        if (train.isEmpty()) {
            return SampleSplits.of(imageFiles(folder));
        }
        Samples training = imageFiles(train.get());
        if (validation.isPresent() && test.isPresent()) {
            return new SampleSplits(
                    SampleSplits.shuffled(training),
                    sameClasses(train.get(), validation.get()),
                    sameClasses(train.get(), test.get()));
        }
        return test.or(() -> validation)
                .map(held -> SampleSplits.of(training, sameClasses(train.get(), held)))
                .orElseGet(() -> SampleSplits.of(training));
    }

    private static Optional<Path> find(Map<String, Path> parts, List<String> names) {
        return names.stream().filter(parts::containsKey).map(parts::get).findFirst();
    }

    private static Samples sameClasses(Path training, Path folder) {
        List<String> expected = classNames(training);
        List<String> found = classNames(folder);
        if (!expected.equals(found)) {
            throw new BadInputException(
                    "%s has the class folders %s, %s has %s; they must be the same, since their order tells the labels"
                            .formatted(training, expected, folder, found));
        }
        return imageFiles(folder);
    }

    private static List<String> classNames(Path folder) {
        return children(folder).stream()
                .filter(Files::isDirectory)
                .map(child -> child.getFileName().toString())
                .toList();
    }

    /** Class folders, whose sorted names are the labels; or image files without labels. */
    private static ImageFiles imageFiles(Path folder) {
        List<Path> classes =
                children(folder).stream().filter(Files::isDirectory).toList();
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            List<Path> images = children(classes.get(label)).stream()
                    .filter(DataPath::isImage)
                    .toList();
            if (images.isEmpty()) {
                throw new BadInputException(classes.get(label) + ": this class folder has no images ("
                        + String.join(", ", IMAGE_FILES) + "); remove it, or put some in");
            }
            for (Path image : images) {
                files.add(image);
                labels.add(label);
            }
        }
        if (classes.isEmpty()) {
            children(folder).stream().filter(DataPath::isImage).forEach(files::add);
        }
        if (files.isEmpty()) {
            throw new BadInputException(folder + ": has neither class folders with images ("
                    + String.join(", ", IMAGE_FILES) + ") nor images nor IDX files");
        }
        return ImageFiles.of(files, labels.stream().mapToInt(Integer::intValue).toArray(), classes.size());
    }

    private static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return IMAGE_FILES.stream().anyMatch(name::endsWith);
    }

    /** Sorted by name, without hidden ones. */
    private static List<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> !child.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new BadInputException("cannot read the folder " + folder + ": " + e, e);
        }
    }

    private static Samples idx(Path images) {
        Idx pixels = idxArray(images);
        if (pixels.shape().length != 3) {
            throw new BadInputException(
                    images + ": holds " + Arrays.toString(pixels.shape()) + "; images are [size, height, width]");
        }
        Path labels = images.resolveSibling(images.getFileName().toString().replace(IDX_IMAGES, IDX_LABELS));
        if (!Files.exists(labels)) {
            return ByteSamples.of(pixels.data(), pixels.shape(), new int[0]);
        }
        byte[] classOf = idxArray(labels).data();
        int[] wide = new int[classOf.length];
        Arrays.setAll(wide, i -> Byte.toUnsignedInt(classOf[i]));
        requireOneEach(labels.toString(), wide.length, images.toString(), pixels.shape()[0]);
        return ByteSamples.of(pixels.data(), pixels.shape(), wide);
    }

    private static Idx idxArray(Path file) {
        byte[] bytes = bytes(file);
        if (!file.getFileName().toString().endsWith(".gz")) {
            return Idx.parse(bytes, file.toString());
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return Idx.parse(in.readAllBytes(), file.toString());
        } catch (IOException e) {
            throw new BadInputException(file + ": not a complete gzip file (" + e.getMessage() + ")", e);
        }
    }

    private static SampleSplits archive(Path file) {
        Map<String, NumpyArray> arrays = new HashMap<>();
        NumpyArray.readAll(file).forEach((name, array) -> arrays.put(name.toLowerCase(Locale.ROOT), array));
        Optional<Samples> train = part(arrays, TRAIN);
        Optional<Samples> validation = part(arrays, VALIDATION);
        Optional<Samples> test = part(arrays, TEST);
        if (train.isPresent() && validation.isPresent() && test.isPresent()) {
            return new SampleSplits(SampleSplits.shuffled(train.get()), validation.get(), test.get());
        }
        if (train.isPresent() && test.or(() -> validation).isPresent()) {
            return SampleSplits.of(train.get(), test.or(() -> validation).get());
        }
        return part(arrays, List.of(""))
                .or(() -> train)
                .or(() -> alone(arrays))
                .map(SampleSplits::of)
                .orElseThrow(() -> new BadInputException(
                        "%s: holds the arrays %s; name one of images 'images' and, if there are labels, one 'labels'"
                                .formatted(
                                        file, arrays.keySet().stream().sorted().toList())));
    }

    /** The only array of several dimensions, whatever it is called; and the only one of one dimension. */
    private static Optional<Samples> alone(Map<String, NumpyArray> arrays) {
        List<NumpyArray> images =
                arrays.values().stream().filter(a -> a.shape().length > 1).toList();
        List<NumpyArray> labels =
                arrays.values().stream().filter(a -> a.shape().length == 1).toList();
        return images.size() == 1 && labels.size() <= 1
                ? Optional.of(samples(images.getFirst(), labels.stream().findFirst()))
                : Optional.empty();
    }

    /** @param names of the part, such as "train" for x_train or train_images; empty for the whole */
    private static Optional<Samples> part(Map<String, NumpyArray> arrays, List<String> names) {
        return find(arrays, IMAGES, names).map(images -> samples(images, find(arrays, LABELS, names)));
    }

    private static Optional<NumpyArray> find(Map<String, NumpyArray> arrays, List<String> kinds, List<String> parts) {
        return kinds.stream()
                .flatMap(kind -> parts.stream()
                        .flatMap(part -> part.isEmpty()
                                ? Stream.of(kind)
                                : Stream.of(kind + "_" + part, part + "_" + kind, part + kind)))
                .filter(arrays::containsKey)
                .map(arrays::get)
                .findFirst();
    }

    private static Samples samples(NumpyArray images, Optional<NumpyArray> labels) {
        int[] classOf = labels.map(NumpyArray::labels).orElse(new int[0]);
        if (images.shape().length == 0 || images.shape()[0] == 0) {
            throw new BadInputException(images.describe() + " holds no images");
        }
        labels.ifPresent(l -> requireOneEach(l.origin(), classOf.length, images.origin(), images.shape()[0]));
        if (images.isUnsignedBytes()) {
            if (images.shape().length != 3 && images.shape().length != 4) {
                throw new BadInputException(images.describe()
                        + "; images of bytes are [N, height, width], [N, channels, height, width] or [N, height,"
                        + " width, channels]");
            }
            return ByteSamples.of(images.bytes(), images.shape(), classOf);
        }
        if (!images.isFloat()) {
            throw new BadInputException(
                    images.describe() + "; give pixels as uint8, or floats just as the network takes them");
        }
        long[] shape = Arrays.stream(images.shape()).asLongStream().toArray();
        return new FloatSamples(new FloatTensor(images.floats(), shape), classOf, images.origin());
    }

    private static void requireOneEach(String labels, int labelCount, String images, int imageCount) {
        if (labelCount != imageCount) {
            throw new BadInputException(labels + " has " + labelCount + " labels, " + images + " has " + imageCount
                    + " images; each image needs one");
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > Integer.MAX_VALUE - 8) {
                throw new BadInputException(file + ": is larger than 2 GB; split it, or give image files in folders");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new BadInputException("cannot read " + file + ": " + e, e);
        }
    }
}
