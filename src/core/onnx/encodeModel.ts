import { dtypeTable, type DType, type Shape, type TensorData } from '../tensor/dtype';
import { blockedDomain, blockedOpRow } from './blockedOps';
import type { BlockedNode, Graph, GraphNode, TensorType } from './graph';
import type { AttributeKind, AttributeValue, TensorAttribute } from './opRow';
import { opRow } from './opTable';
import { ProtobufWriter } from './protobufWriter';

/** The newest ONNX format that Gradstep writes: every op of it has a CUDA kernel at opset 18. */
const irVersion = 8;
const opsetVersion = 18;
const blockedOpsetVersion = 1;

/** AttributeProto.AttributeType and the field that holds the value. */
const attributeEncodings: Readonly<
  Record<AttributeKind, { type: number; write: (writer: ProtobufWriter, value: AttributeValue) => void }>
> = {
  float: { type: 1, write: (writer, value) => writer.float(2, value as number) },
  int: { type: 2, write: (writer, value) => writer.int(3, value as number) },
  string: { type: 3, write: (writer, value) => writer.string(4, value as string) },
  tensor: {
    type: 4,
    write: (writer, value) => {
      const { dtype, shape, data } = value as TensorAttribute;
      writer.message(5, (nested) => writeTensor(nested, '', dtype, shape, data));
    },
  },
  floats: {
    type: 6,
    write: (writer, value) => {
      for (const entry of value as readonly number[]) writer.float(7, entry);
    },
  },
  ints: {
    type: 7,
    write: (writer, value) => {
      for (const entry of value as readonly number[]) writer.int(8, entry);
    },
  },
};

type AnyGraph = Graph<GraphNode | BlockedNode>;

/** The bytes of an ONNX ModelProto (onnx/onnx.proto3): the same graph makes the same bytes. */
export function encodeModel(graph: AnyGraph): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int(1, irVersion);
  writer.string(2, 'gradstep');
  writer.message(7, (nested) => writeGraph(nested, graph));
  writeOpset(writer, '', opsetVersion);
  if (graph.nodes.some(({ domain }) => domain === blockedDomain))
    writeOpset(writer, blockedDomain, blockedOpsetVersion);
  return writer.finish();
}

function writeOpset(writer: ProtobufWriter, domain: string, version: number): void {
  writer.message(8, (nested) => {
    nested.string(1, domain);
    nested.int(2, version);
  });
}

function writeGraph(writer: ProtobufWriter, graph: AnyGraph): void {
  for (const node of graph.nodes) writer.message(1, (nested) => writeNode(nested, node));
  writer.string(2, graph.name);
  for (const { name, dtype, shape, data } of graph.initializers) {
    writer.message(5, (nested) => writeTensor(nested, name, dtype, shape, data));
  }
  for (const input of graph.inputs) writer.message(11, (nested) => writeValueInfo(nested, input));
  for (const output of graph.outputs) writer.message(12, (nested) => writeValueInfo(nested, output));
  for (const value of graph.valueInfo ?? []) writer.message(13, (nested) => writeValueInfo(nested, value));
}

function writeNode(writer: ProtobufWriter, node: GraphNode | BlockedNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name);
  writer.string(4, node.op);
  const kinds = (node.domain === blockedDomain ? blockedOpRow(node.op) : opRow(node.op)).attributes;
  for (const name of Object.keys(node.attributes).sort()) {
    const value = node.attributes[name];
    const kind = kinds[name];
    if (value === undefined) continue;
    if (kind === undefined) throw new Error(`${node.op} has no attribute ${name}`);
    writer.message(5, (nested) => {
      nested.string(1, name);
      attributeEncodings[kind].write(nested, value);
      nested.int(20, attributeEncodings[kind].type);
    });
  }
  writer.string(6, node.description);
  if (node.domain !== undefined) writer.string(7, node.domain);
}

function writeTensor(writer: ProtobufWriter, name: string, dtype: DType, shape: Shape, data: TensorData): void {
  writer.packedInts(1, shape);
  writer.int(2, dtypeTable[dtype].onnx);
  if (name !== '') writer.string(8, name);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(writer: ProtobufWriter, { name, dtype, shape }: TensorType): void {
  writer.string(1, name);
  writer.message(2, (type) => {
    type.message(1, (tensor) => {
      tensor.int(1, dtypeTable[dtype].onnx);
      tensor.message(2, (dimensions) => {
        for (const size of shape) dimensions.message(1, (dimension) => dimension.int(1, size));
      });
    });
  });
}
