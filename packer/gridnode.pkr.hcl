# An image whose machines are nodes of a grid. Packer 1.6.6 (Debian's) takes it as it is; newer ones find their plugin by
# newer/plugins.pkr.hcl. README.md has the commands.

variable "deb_amd64" {
  type        = string
  default     = "gridnode_0.1.0_amd64.deb"
  description = "The agent's package for amd64, made by packer/deb/build. Not needed with -only=amazon-ebs.arm64."
}

variable "deb_arm64" {
  type        = string
  default     = "gridnode_0.1.0_arm64.deb"
  description = "The same for arm64. Not needed with -only=amazon-ebs.amd64."
}

variable "region" {
  type        = string
  default     = "us-east-1"
  description = "Where the image is made."
}

variable "regions" {
  type        = list(string)
  default     = []
  description = "Further regions that it is copied to."
}

variable "name" {
  type        = string
  default     = "gridnode"
  description = "What the image's name begins with; architecture and time follow."
}

variable "tools" {
  type        = string
  default     = "jmeter gatling selenium"
  description = "Tools that are baked in, with a space between them."
}

variable "drain" {
  type        = string
  default     = ""
  description = "Drain that nodes write to unless user data names another one; without user and password."
}

variable "base_owner" {
  type        = string
  default     = "136693071363"
  description = "Account whose image is the base: Debian's own."
}

variable "base_name" {
  type        = string
  default     = "debian-12"
  description = "What the base's name begins with; architecture and date follow. The newest is taken."
}

variable "ssh_username" {
  type        = string
  default     = "admin"
  description = "The base's user; he may sudo."
}

variable "instance_type_amd64" {
  type        = string
  default     = "m6i.large"
  description = "Machine that bakes for amd64: minutes on two processors."
}

variable "instance_type_arm64" {
  type        = string
  default     = "m6g.large"
  description = "Machine that bakes for arm64."
}

variable "subnet_id" {
  type        = string
  default     = ""
  description = "Where the machine that bakes stands; the default VPC's otherwise. It needs a way to Debian, Maven Central and PyPI."
}

variable "volume_gib" {
  type        = number
  default     = 20
  description = "Root volume: 5 GiB of system and tools; the rest is for plans, spool and cache (files.cache_bytes_max, 8 GiB)."
}

variable "kms_key_id" {
  type        = string
  default     = ""
  description = "Key of the image's volume; the account's own for EBS otherwise. Images under that one cannot be shared."
}

variable "owner" {
  type        = string
  default     = "platform"
  description = "Value of the tag owner."
}

locals {
  stamp = formatdate("YYYYMMDD-hhmmss", timestamp())
  tags = {
    Name       = "gridnode"
    component  = "gridnode"
    owner      = "${var.owner}"
    base       = "{{ .SourceAMIName }}"
    base_image = "{{ .SourceAMI }}"
    tools      = "${var.tools}"
  }
}

source "amazon-ebs" "node" {
  ami_description = "A load-generator node: Debian 12, gridnode, ${var.tools}"
  ami_regions     = var.regions
  region          = var.region
  subnet_id       = var.subnet_id
  ssh_username    = var.ssh_username
  ena_support     = true

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_type           = "gp3"
    volume_size           = var.volume_gib
    throughput            = 125
    iops                  = 3000
    encrypted             = true
    kms_key_id            = var.kms_key_id
    delete_on_termination = true
  }

  # The machine that bakes has no role, so its metadata service has no credentials to give. The image is told to want IMDSv2 below.
  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = { Name = "gridnode-bake", component = "gridnode", owner = "${var.owner}" }
  run_volume_tags = { Name = "gridnode-bake", component = "gridnode", owner = "${var.owner}" }
}

build {
  source "amazon-ebs.node" {
    name          = "amd64"
    ami_name      = "${var.name}-amd64-${local.stamp}"
    instance_type = var.instance_type_amd64
    source_ami_filter {
      owners      = [var.base_owner]
      most_recent = true
      filters = {
        name                = "${var.base_name}-amd64-*"
        architecture        = "x86_64"
        root-device-type    = "ebs"
        virtualization-type = "hvm"
      }
    }
  }

  source "amazon-ebs.node" {
    name          = "arm64"
    ami_name      = "${var.name}-arm64-${local.stamp}"
    instance_type = var.instance_type_arm64
    source_ami_filter {
      owners      = [var.base_owner]
      most_recent = true
      filters = {
        name                = "${var.base_name}-arm64-*"
        architecture        = "arm64"
        root-device-type    = "ebs"
        virtualization-type = "hvm"
      }
    }
  }

  # The base's own first boot is done: its packages and ours would meet at the lock.
  provisioner "shell" {
    inline = ["cloud-init status --wait >/dev/null || true", "mkdir -p /tmp/gridnode"]
  }

  provisioner "file" {
    only        = ["amazon-ebs.amd64"]
    source      = var.deb_amd64
    destination = "/tmp/gridnode/gridnode.deb"
  }

  provisioner "file" {
    only        = ["amazon-ebs.arm64"]
    source      = var.deb_arm64
    destination = "/tmp/gridnode/gridnode.deb"
  }

  provisioner "file" {
    sources     = ["${path.root}/provision", "${path.root}/bill-of-materials"]
    destination = "/tmp/gridnode/"
  }

  # Cleanup takes the key away that packer came in by: nothing may follow.
  provisioner "shell" {
    skip_clean = true
    inline = [
      "chmod +x /tmp/gridnode/provision /tmp/gridnode/bill-of-materials",
      "sudo /tmp/gridnode/provision --deb /tmp/gridnode/gridnode.deb --tools '${var.tools}' --drain '${var.drain}' --cleanup",
    ]
  }

  # Which image came of it, and then that its instances answer IMDSv2 only: `imds_support` is an option of newer packers.
  post-processors {
    post-processor "manifest" {
      output = "gridnode-images.json"
    }
    post-processor "shell-local" {
      inline = ["${path.root}/require-imdsv2 gridnode-images.json"]
    }
  }
}
