package dev.limbeck.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Encodings as JSON. Versions 0.6.1 and 1.0.0 give the offset of the grid of unsigned integers, min / scale: minus the zero point,
 * less 2^(bits-1) where integers are signed. Version 2.0.0 gives ONNX's types and zero points.
 */
final class EncodingsWriter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private EncodingsWriter() {}

    static String write(Encodings encodings, Encodings.Version version) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", version.text());
        switch (version) {
            case V0_6_1 -> {
                root.put("activation_encodings", legacy(encodings.activations()));
                root.put("param_encodings", legacy(encodings.parameters()));
                root.put("quantizer_args", arguments(encodings, true));
            }
            case V1_0_0 -> {
                root.put("activation_encodings", list(encodings.activations()));
                root.put("param_encodings", list(encodings.parameters()));
                root.put("quantizer_args", arguments(encodings, false));
                root.put("excluded_layers", List.of());
            }
            case V2_0_0 -> {
                List<Object> all = new ArrayList<>();
                encodings.activations().forEach((name, encoding) -> all.add(onnx(name, encoding)));
                encodings.parameters().forEach((name, encoding) -> all.add(onnx(name, encoding)));
                root.put("encodings", all);
            }
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> legacy(Map<String, Encoding> encodings) {
        Map<String, Object> section = new LinkedHashMap<>();
        encodings.forEach((name, encoding) -> {
            if (encoding.blockwise()) {
                throw new BadInputException("tensor '" + name + "' has scales for blocks, which version 0.6.1 of the"
                        + " encodings format cannot say; write version 1.0.0 or 2.0.0");
            }
            List<Object> entries = new ArrayList<>();
            for (int c = 0; c < encoding.scale().length; c++) {
                entries.add(legacy(encoding, c));
            }
            section.put(name, entries);
        });
        return section;
    }

    private static Map<String, Object> legacy(Encoding encoding, int channel) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("bitwidth", encoding.bits());
        entry.put("dtype", encoding.format().isFloat() ? "float" : "int");
        if (!encoding.format().isFloat()) {
            entry.put("is_symmetric", python(encoding.symmetric()));
            entry.put("max", encoding.max(channel));
            entry.put("min", encoding.min(channel));
            entry.put("offset", offset(encoding, channel));
            entry.put("scale", encoding.scale()[channel]);
        }
        return entry;
    }

    private static String python(boolean value) {
        return value ? "True" : "False";
    }

    private static int offset(Encoding encoding, int index) {
        return encoding.lowest() - encoding.zeroPoint()[index];
    }

    private static List<Object> list(Map<String, Encoding> encodings) {
        List<Object> section = new ArrayList<>();
        encodings.forEach((name, encoding) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", name);
            entry.put(
                    "enc_type",
                    encoding.blockwise() ? "PER_BLOCK" : encoding.perChannel() ? "PER_CHANNEL" : "PER_TENSOR");
            entry.put("dtype", encoding.format().isFloat() ? "FLOAT" : "INT");
            entry.put("bw", encoding.bits());
            if (!encoding.format().isFloat()) {
                entry.put("is_sym", encoding.symmetric());
                int[] order = encoding.channelMajor();
                List<Float> scales = new ArrayList<>();
                List<Integer> offsets = new ArrayList<>();
                for (int i : order) {
                    scales.add(encoding.scale()[i]);
                    offsets.add(offset(encoding, i));
                }
                entry.put("scale", scales);
                entry.put("offset", offsets);
            }
            if (encoding.blockwise()) {
                entry.put("block_size", encoding.blockSize());
            }
            section.add(entry);
        });
        return section;
    }

    private static Map<String, Object> arguments(Encodings encodings, boolean quoted) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        boolean symmetric = encodings.parameters().values().stream().allMatch(Encoding::symmetric);
        boolean perChannel = encodings.parameters().values().stream().anyMatch(Encoding::perChannel);
        boolean floats = Stream.concat(
                        encodings.activations().values().stream(), encodings.parameters().values().stream())
                .allMatch(encoding -> encoding.format().isFloat());
        arguments.put("activation_bitwidth", bits(encodings.activations()));
        arguments.put("dtype", floats ? "float" : "int");
        arguments.put("is_symmetric", quoted ? python(symmetric) : symmetric);
        arguments.put("param_bitwidth", bits(encodings.parameters()));
        arguments.put("per_channel_quantization", quoted ? python(perChannel) : perChannel);
        arguments.put("quant_scheme", "post_training_tf");
        return arguments;
    }

    private static int bits(Map<String, Encoding> encodings) {
        return encodings.values().stream().mapToInt(Encoding::bits).max().orElse(32);
    }

    private static Map<String, Object> onnx(String name, Encoding encoding) {
        if (encoding.format().isFloat()) {
            throw new BadInputException("tensor '" + name + "' is stored in " + encoding.format()
                    + ", which version 2.0.0 of the encodings format cannot say; write version 1.0.0");
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        entry.put("output_dtype", encoding.format().toString());
        List<Float> scales = new ArrayList<>();
        List<Integer> zeroPoints = new ArrayList<>();
        boolean zero = true;
        for (int i = 0; i < encoding.scale().length; i++) {
            scales.add(encoding.scale()[i]);
            zeroPoints.add(encoding.zeroPoint()[i]);
            zero &= encoding.zeroPoint()[i] == 0;
        }
        entry.put("y_scale", shaped(scales, encoding));
        if (!zero) {
            entry.put("y_zero_point", shaped(zeroPoints, encoding));
        }
        if (encoding.blockwise()) {
            entry.put("axis", encoding.blockAxis());
            entry.put("block_size", encoding.blockSize());
        } else if (encoding.perChannel()) {
            entry.put("axis", encoding.axis());
        }
        return entry;
    }

    /** A number, a list over channels, or lists over the weight's first two axes. */
    private static Object shaped(List<?> values, Encoding encoding) {
        if (encoding.axis() == Encoding.PER_TENSOR) {
            return values.getFirst();
        }
        if (!encoding.blockwise()) {
            return values;
        }
        int columns = encoding.axis() == 0 ? encoding.blocks() : encoding.scale().length / encoding.blocks();
        List<Object> rows = new ArrayList<>();
        for (int from = 0; from < values.size(); from += columns) {
            rows.add(values.subList(from, from + columns));
        }
        return rows;
    }
}
