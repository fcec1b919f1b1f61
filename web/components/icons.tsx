import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon>
    <path
      d="M8 5.6v12.8a.6.6 0 0 0 .9.5l10.200-6.400a.6.6 0 0 0 0-1L8.900 5.100a.6.6 0 0 0-.9.5Z"
      fill="currentColor"
    />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M9 6v12M15 6v12" stroke-width="2.6" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m7 7 10 10M17 7 7 17" />
  </Icon>
);
export const RetryIcon = () => (
  <Icon>
    <path d="M19 12a7 7 0 1 1-2.200-5.100M19 4v4h-4" />
  </Icon>
);
export const TrashIcon = () => (
  <Icon>
    <path d="M5 7h14M10 7V5h4v2M7 7l.8 12h8.400L17 7M10.300 10.500v5.500M13.700 10.500v5.500" />
  </Icon>
);
export const UploadIcon = () => (
  <Icon>
    <path d="M12 15V5M8 8.500 12 4.500l4 4M5 15v3a1.500 1.500 0 0 0 1.500 1.500h11A1.500 1.500 0 0 0 19 18v-3" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M11 6 5 12l6 6M5.500 12H19" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon>
    <path d="M12 9v4.500M12 16.800v.1M10.700 4.700 3.300 17.600A1.500 1.500 0 0 0 4.600 19.800h14.800a1.500 1.500 0 0 0 1.300-2.200L13.300 4.700a1.500 1.500 0 0 0-2.600 0Z" />
  </Icon>
);
export const VolumeIcon = () => (
  <Icon>
    <path d="M5 9.500v5h3.200l4.300 3.500V6L8.200 9.500ZM16 9a4.200 4.200 0 0 1 0 6M18.500 6.500a7.800 7.800 0 0 1 0 11" />
  </Icon>
);
export const MutedIcon = () => (
  <Icon>
    <path d="M5 9.500v5h3.200l4.300 3.500V6L8.200 9.500ZM16.500 9.800l4.400 4.400M20.900 9.800l-4.400 4.400" />
  </Icon>
);
export const FullscreenIcon = () => (
  <Icon>
    <path d="M5 9.500V5h4.500M14.500 5H19v4.500M19 14.500V19h-4.500M9.500 19H5v-4.500" />
  </Icon>
);
export const SoundIcon = () => (
  <Icon>
    <path d="M9 17.500V6.200l9.500-2v11.300M9 17.500a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0ZM18.500 15.500a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0Z" />
  </Icon>
);
export const ShareIcon = () => (
  <Icon>
    <path d="M12 14.500V4.500M8.500 7.500 12 4l3.500 3.500M7 11H6a1.500 1.500 0 0 0-1.500 1.500v6A1.500 1.500 0 0 0 6 20h12a1.500 1.500 0 0 0 1.500-1.500v-6A1.500 1.500 0 0 0 18 11h-1" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <path d="M9.500 9.500h9v10h-9zM6.500 14.500h-1v-10h9v1.500" />
  </Icon>
);
