# For packer 1.7 and newer, which fetch their plugins; Debian's 1.6.6 has this one built in and does not know this block.
# Once, before the first build: packer init packer/newer

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.0, < 2.0.0"
    }
  }
}
