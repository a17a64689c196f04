import { useEffect, useRef } from 'preact/hooks';
import { imagePixels, type ImageShape } from './imagePixels';

interface InputPictureProps {
  values: ArrayLike<number> | null;
  shape: ImageShape;
  label: string;
}

/** A picture of the script's data, in its own colours. */
export function InputPicture({ values, shape, label }: InputPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, channels } = shape;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !values) return;
    const image = context.createImageData(width, height);
    image.data.set(imagePixels(values, shape));
    context.putImageData(image, 0, 0);
  }, [values, width, height, channels]);
  return <canvas class="input-picture" ref={canvas} role="img" aria-label={label} width={width} height={height} />;
}
