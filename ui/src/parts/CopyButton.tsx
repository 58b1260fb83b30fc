import { Button, type ButtonProps } from '@fluentui/react-components'
import { CheckmarkRegular, CopyRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import { copyText } from './hooks'

interface Props {
  text: string | (() => string)
  label: string
  size?: ButtonProps['size']
  /** Shows the label beside the icon. */
  worded?: boolean
}

export function CopyButton({ text, label, size = 'small', worded = false }: Props) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => setCopied(await copyText(typeof text === 'string' ? text : text()))
  return (
    <Button
      appearance="subtle"
      size={size}
      icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={copy}
    >
      {worded ? (copied ? 'Copied' : label) : null}
    </Button>
  )
}
